internal import Tensors

/// The attributes that convolutions and poolings share.
struct ONNXWindow {
  var kernel: Extent
  var stride: Extent
  var dilation: Extent
  var padding: Padding

  /// Reads the attributes for an image of `input` pixels. `kernel` is the size of the weights;
  /// `nil` where only the attribute tells it.
  init(_ node: ONNXNode, input: Extent, kernel weights: Extent?) throws(NodeProblem) {
    stride = try node.extent("strides") ?? .unit
    dilation = try node.extent("dilations") ?? .unit
    guard let kernel = try node.extent("kernel_shape") ?? weights else {
      throw .attribute("kernel_shape", found: "none", expected: "a height and a width")
    }
    guard weights == nil || kernel == weights else {
      throw .attribute(
        "kernel_shape", found: "\(kernel)", expected: "the size of the weights, \(weights ?? .unit)"
      )
    }
    self.kernel = kernel
    padding = try Self.padding(node, input, kernel, stride, dilation)
    // Of SAME, which follows from a kernel's size and dilation.
    let sides = [padding.top, padding.left, padding.bottom, padding.right]
    guard sides.allSatisfy({ $0 <= ONNXImporter.largestSide }) else {
      throw .attribute(
        "dilations", found: "\(dilation)",
        expected: "what pads \(ONNXImporter.largestSide) pixels at most")
    }
  }

  private static func padding(
    _ node: ONNXNode, _ input: Extent, _ kernel: Extent, _ stride: Extent, _ dilation: Extent
  ) throws(NodeProblem) -> Padding {
    let same = Padding.same(input: input, kernel: kernel, stride: stride, dilation: dilation)
    switch try node.string("auto_pad", default: "NOTSET") {
    case "NOTSET":
      guard let pads = try node.integers("pads") else { return .none }
      guard pads.count == 4, pads.allSatisfy({ (0...ONNXImporter.largestSide).contains($0) }) else {
        throw .attribute(
          "pads", found: "\(pads)", expected: "four numbers in 0...\(ONNXImporter.largestSide)")
      }
      return Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    case "VALID": return .none
    case "SAME_UPPER": return same
    case "SAME_LOWER":
      return Padding(top: same.bottom, left: same.right, bottom: same.top, right: same.left)
    case let found:
      throw .attribute(
        "auto_pad", found: found, expected: "NOTSET, VALID, SAME_UPPER and SAME_LOWER")
    }
  }
}

extension ONNXNode {
  /// An attribute of a height and a width.
  fileprivate func extent(_ name: String) throws(NodeProblem) -> Extent? {
    guard let sizes = try integers(name) else { return nil }
    guard sizes.count == 2, sizes.allSatisfy({ (1...ONNXImporter.largestSide).contains($0) }) else {
      throw .attribute(
        name, found: "\(sizes)", expected: "two numbers in 1...\(ONNXImporter.largestSide)")
    }
    return Extent(sizes[0], sizes[1])
  }
}
