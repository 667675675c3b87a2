internal import NetworkGraph
internal import Tensors

/// Operators that give an image another size.
extension FloatONNXExporter {
  mutating func add(
    _ layer: Operator.TransposedConv2D, _ name: String, _ input: String
  ) throws(ExportError) -> String {
    let (kernel, stride, cropping) = (layer.kernel, layer.stride, layer.cropping)
    guard cropping.bottom > -stride.height, cropping.right > -stride.width else {
      throw .inexpressible(
        layer: name, operation: layer.name, what: "rows and columns that no tap reaches")
    }
    let (depth, outputs) = (
      layer.inputChannels / layer.groups, layer.outputChannels / layer.groups
    )
    let weights = (0..<layer.inputChannels).flatMap { i in
      (0..<outputs).flatMap { o in
        (0..<kernel.count).map { tap -> Float in
          let row = i / depth * outputs + o
          return layer.weights[(row * kernel.count + tap) * depth + i % depth]
        }
      }
    }
    let constants = [
      writer.constant(
        "\(name)/weights", [layer.inputChannels, outputs, kernel.height, kernel.width], weights),
      writer.constant("\(name)/bias", [layer.bias.count], layer.bias),
    ]
    return writer.node(
      "ConvTranspose", [input] + constants,
      [
        "kernel_shape": .integers([kernel.height, kernel.width]),
        "strides": .integers([stride.height, stride.width]),
        "pads": .integers([
          cropping.top, cropping.left, max(0, cropping.bottom), max(0, cropping.right),
        ]),
        "output_padding": .integers([max(0, -cropping.bottom), max(0, -cropping.right)]),
        "group": .integer(layer.groups),
      ], named: name)
  }

  mutating func add(
    _ layer: Operator.Resize, _ name: String, _ input: String, channels: Int
  ) throws(ExportError) -> String {
    guard let mode = ResizeMode.allCases.first(where: { $0.gives(layer) }) else {
      throw .inexpressible(
        layer: name, operation: layer.name, what: "places that no mode of Resize has")
    }
    let sizes = [1, channels, layer.output.height, layer.output.width].map(Int64.init)
    return writer.node(
      "Resize", [input, "", "", writer.constant("\(name)/sizes", [4], sizes)],
      [
        "mode": .text(mode.isNearest ? "nearest" : "linear"),
        "coordinate_transformation_mode": .text(mode.coordinates),
        "nearest_mode": .text("floor"),
      ], named: name)
  }
}

/// Modes of ONNX's Resize.
private enum ResizeMode: CaseIterable {
  case nearest, asymmetric, halfPixel, alignCorners

  var isNearest: Bool { self == .nearest }

  var coordinates: String {
    switch self {
    case .nearest, .asymmetric: "asymmetric"
    case .halfPixel: "half_pixel"
    case .alignCorners: "align_corners"
    }
  }

  /// Whether it has the places of `layer`.
  func gives(_ layer: Operator.Resize) -> Bool {
    let mine = Operator.Resize(
      input: layer.input, rows: places(layer.input.height, layer.rows.count),
      columns: places(layer.input.width, layer.columns.count))
    return zip(mine.rows + mine.columns, layer.rows + layer.columns).allSatisfy {
      abs($0 - $1) < 1e-4
    }
  }

  private func places(_ input: Int, _ output: Int) -> [Double] {
    let scale = Double(input) / Double(output)
    return (0..<output).map { index in
      switch self {
      case .nearest: Double(index * input / output)
      case .asymmetric: Double(index) * scale
      case .halfPixel: (Double(index) + 0.5) * scale - 0.5
      case .alignCorners: output == 1 ? 0 : Double(index * (input - 1)) / Double(output - 1)
      }
    }
  }
}
