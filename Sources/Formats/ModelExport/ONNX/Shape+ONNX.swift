internal import Tensors

/// ONNX's order of the axes of images: NCHW.
extension Shape {
  /// The axes in ONNX's order.
  var nchw: Shape { Shape(onnxAxes.map { dimensions[$0] }) }

  /// Which axis stands at each place in ONNX's order.
  var onnxAxes: [Int] { rank == 4 ? [0, 3, 1, 2] : Array(0..<rank) }

  /// Where `axis` stands in ONNX's order.
  func onnxAxis(_ axis: Int) -> Int { onnxAxes.firstIndex(of: axis) ?? axis }

  /// `values`, which are in this order, in ONNX's.
  func inNCHW<Element>(_ values: [Element]) -> [Element] {
    guard rank == 4 else { return values }
    let pixels = height * width
    return (0..<dimensions[0]).flatMap { image in
      (0..<channels).flatMap { channel in
        (0..<pixels).map { values[(image * pixels + $0) * channels + channel] }
      }
    }
  }
}

extension ExportedWindow {
  /// As ONNX spells it.
  var attributes: [String: ONNXAttribute] {
    [
      "kernel_shape": .integers([kernel.height, kernel.width]),
      "strides": .integers([stride.height, stride.width]),
      "pads": .integers([sides.top, sides.left, sides.bottom, sides.right]),
    ]
  }
}
