private import Glibc
internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Resize, and Upsample of before operator set 10: an image in either order of axes in another
  /// size, by nearest pixels or by mixing neighbors.
  mutating func resize(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let orders = [TensorView.channelsFirst, TensorView.channelsLast]
    guard let order = orders.first(where: { input.isOrdered($0) }) else {
      throw .layout(found: input.description, expected: "[1, C, H, W] or [1, H, W, C]")
    }
    let sizes = try ONNXSizes(node, input.dimensions)
    let mode = try ONNXResizeMode(node, shrinks: sizes.scales.contains { $0 < 1 })
    for (axis, size) in input.dimensions.enumerated()
    where order[axis] == nil || order[axis] == .channel {
      guard sizes.sizes[axis] == size else {
        throw .layout(
          found: "\(input), resized to \(sizes.sizes)", expected: "new heights and widths")
      }
    }
    func places(_ axis: TensorView.Axis) -> [Double] {
      let place = order.firstIndex(of: axis) ?? 0
      return mode.places(
        input: input.dimensions[place], output: sizes.sizes[place], scale: sizes.scales[place])
    }
    let image = try asImage(input, node)
    let layer = Operator.Resize(
      input: image.shape.extent, rows: places(.height), columns: places(.width))
    let (tensor, shape) = try emit(node, .resize(layer), image.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, order: order))
  }
}

/// The sizes that Resize asks for, one an axis.
private struct ONNXSizes {
  /// What coordinates are divided by, in 32-bit floats as ONNX Runtime has them.
  let scales: [Float]
  let sizes: [Int]

  /// - Parameter input: The sizes that there are.
  init(_ node: ONNXNode, _ input: [Int]) throws(NodeProblem) {
    let axes = try node.integers("axes") ?? Array(input.indices)
    _ = try node.axes(axes, rank: input.count)
    let isOld = node.operation == "Upsample" || node.opset < 11
    let listed =
      node.operation == "Upsample" && node.opset < 9
      ? try node.floats("scales") : try node.constant(isOld ? 1 : 2)?.floats
    let asked = isOld ? nil : try node.integers(at: 3)
    var (scales, sizes) = (input.map { _ in Float(1) }, input)
    for (index, axis) in axes.enumerated() {
      let axis = try node.axis(axis, rank: input.count)
      if let listed, !listed.isEmpty {
        guard listed.count == axes.count else {
          throw .attribute("scales", found: "\(listed)", expected: "one scale an axis")
        }
        scales[axis] = listed[index]
        sizes[axis] = Self.size(Float(input[axis]) * listed[index])
      } else if let asked, asked.count == axes.count {
        sizes[axis] = asked[index]
        scales[axis] = Float(asked[index]) / Float(input[axis])
      } else {
        throw .attribute(
          "scales, sizes", found: "\(listed ?? []), \(asked ?? [])",
          expected: "one scale or size an axis")
      }
    }
    guard sizes.allSatisfy({ (1...ONNXImporter.largestSide).contains($0) }) else {
      throw .attribute(
        "scales, sizes", found: "sizes of \(sizes)",
        expected: "sizes in 1...\(ONNXImporter.largestSide)")
    }
    (self.scales, self.sizes) = (scales, sizes)
  }

  /// `real` without its fraction; 0 for what no image can have.
  private static func size(_ real: Float) -> Int {
    real >= 0 && real < Float(1 << 24) ? Int(real) : 0
  }
}

/// Where Resize finds the pixels of its output in its input.
///
/// Source: ONNX operators Resize and Upsample; ONNX Runtime `providers/cpu/tensor/upsamplebase.h`,
/// which computes in 32-bit floats.
private struct ONNXResizeMode {
  private let isLinear: Bool
  private let coordinates: String
  private let rounding: String

  private static let allCoordinates = [
    "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn",
    "half_pixel_symmetric",
  ]
  private static let allRoundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]

  /// - Parameter shrinks: Whether some axis becomes shorter.
  init(_ node: ONNXNode, shrinks: Bool) throws(NodeProblem) {
    let mode = try node.string("mode", default: "nearest")
    guard ["nearest", "linear", "bilinear"].contains(mode) else {
      throw .attribute("mode", found: mode, expected: "nearest and linear")
    }
    isLinear = mode != "nearest"
    let isOld = node.operation == "Upsample" || node.opset < 11
    coordinates = try node.string(
      "coordinate_transformation_mode", default: isOld ? "asymmetric" : "half_pixel")
    guard Self.allCoordinates.contains(coordinates) else {
      throw .attribute(
        "coordinate_transformation_mode", found: coordinates,
        expected: Self.allCoordinates.joined(separator: ", "))
    }
    let chosen = try node.string("nearest_mode", default: "round_prefer_floor")
    guard Self.allRoundings.contains(chosen) else {
      throw .attribute(
        "nearest_mode", found: chosen, expected: Self.allRoundings.joined(separator: ", "))
    }
    rounding = isOld ? "simple" : chosen
    guard try node.integer("antialias", default: 0) == 0 || !shrinks else {
      throw .attribute("antialias", found: "1", expected: "0 where an image becomes smaller")
    }
    let policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
    guard policy == "stretch" else {
      throw .attribute("keep_aspect_ratio_policy", found: policy, expected: "stretch")
    }
  }

  /// The place of each of `output` rows or columns among `input`; what lies outside stands for the
  /// edge.
  func places(input: Int, output: Int, scale: Float) -> [Double] {
    (0..<output).map { position in
      guard scale != 1 else { return Double(position) }
      let place = coordinate(Float(position), Float(input), Float(output), scale)
      return Double(isLinear ? place : nearest(place, shrinks: scale < 1))
    }
  }

  private func coordinate(
    _ position: Float, _ input: Float, _ output: Float, _ scale: Float
  ) -> Float {
    let half = (position + 0.5) / scale - 0.5
    return switch coordinates {
    case "asymmetric": position / scale
    case "align_corners": output == 1 ? 0 : position * (input - 1) / (output - 1)
    case "tf_half_pixel_for_nn": (position + 0.5) / scale
    case "pytorch_half_pixel": output > 1 ? half : 0
    case "half_pixel_symmetric": input / 2 * (1 - output / (scale * input)) + half
    default: half
    }
  }

  private func nearest(_ place: Float, shrinks: Bool) -> Float {
    switch rounding {
    case "round_prefer_floor":
      place - place.rounded(.down) == 0.5
        ? place.rounded(.down) : place.rounded(.toNearestOrAwayFromZero)
    case "floor": place.rounded(.down)
    case "ceil": place.rounded(.up)
    case "simple": place.rounded(shrinks ? .up : .towardZero)
    default:
      // A half that 32-bit floats just miss is a half to ONNX Runtime.
      (place + 0x1p-21 * max(1, place.magnitude)).rounded(.toNearestOrAwayFromZero)
    }
  }
}
