package import FoundationEssentials
private import Glibc
package import NetworkGraph
internal import Tensors

/// Writes a float network as an ONNX file, NCHW where it is of images, opset 17.
///
/// What is done to pixels and the names of the classes go into the metadata, as the importer reads
/// them: the file comes back as the same network.
package struct FloatONNXExporter {
  private let graph: Graph
  var writer = ONNXWriter()
  /// What the file calls the tensors made so far, by index in the graph.
  private var values: [Int: String] = [:]

  /// The bytes of the file.
  ///
  /// - Throws: `ExportError` where an operator is not written.
  package static func file(_ graph: Graph) throws -> Data {
    var exporter = FloatONNXExporter(graph: graph)
    return try exporter.file()
  }

  private init(graph: Graph) { self.graph = graph }

  private mutating func file() throws -> Data {
    for input in graph.inputs {
      writer.reserve(graph.tensors[input].name)
      values[input] = graph.tensors[input].name
    }
    for node in graph.nodes { values[node.output] = try add(node) }
    return try writer.file(
      named: graph.name,
      inputs: graph.inputs.map { (graph.tensors[$0].name, graph.tensors[$0].shape.nchw) },
      outputs: outputNames().enumerated().map { position, name in
        (name, graph.tensors[graph.outputs[position]].shape.nchw)
      },
      metadata: ONNXWriter.metadata(
        graph.inputs.count == 1 ? graph.preprocessing : nil, labels: graph.labels))
  }

  /// Where there are several outputs, what the graph calls them, as far as nothing else is called so.
  private mutating func outputNames() -> [String] {
    guard graph.outputs.count > 1 else { return graph.outputs.map { value($0) } }
    return zip(graph.outputs, graph.outputNames).map { output, name in
      writer.node("Identity", [value(output)], named: name)
    }
  }

  private func value(_ tensor: Int) -> String {
    guard let name = values[tensor] else {
      preconditionFailure("a node reads a tensor that none has written")
    }
    return name
  }

  /// Adds a node's operator; returns the name of its output.
  private mutating func add(_ node: Node) throws(ExportError) -> String {
    let inputs = node.inputs.map { value($0) }
    let shapes = node.inputs.map { graph.tensors[$0].shape }
    switch node.operation {
    case .conv2D(let layer): return add(layer, node.name, inputs[0])
    case .depthwiseConv2D(let layer): return add(layer, node.name, inputs[0])
    case .transposedConv2D(let layer): return try add(layer, node.name, inputs[0])
    case .resize(let layer):
      return try add(layer, node.name, inputs[0], channels: shapes[0].channels)
    case .fullyConnected(let layer): return add(layer, node.name, inputs[0], shapes[0])
    case .batchNormalization(let layer): return add(layer, node.name, inputs[0], shapes[0])
    case .activation(let function):
      return writer.add(function, of: inputs[0], named: node.name)
    case .prelu(let layer): return add(layer, node.name, inputs[0], shapes[0])
    case .add: return writer.node("Add", inputs, named: node.name)
    case .multiply: return writer.node("Mul", inputs, named: node.name)
    case .averagePool(let pool):
      return writer.node("AveragePool", inputs, Self.attributes(pool.window), named: node.name)
    case .maxPool(let pool):
      return writer.node("MaxPool", inputs, Self.attributes(pool.window), named: node.name)
    case .globalAveragePool:
      return writer.node("GlobalAveragePool", inputs, named: node.name)
    case .pad(let padding):
      let sides = [0, 0, padding.top, padding.left, 0, 0, padding.bottom, padding.right]
      let pads = writer.constant("\(node.name)/pads", [8], sides.map(Int64.init))
      return writer.node("Pad", [inputs[0], pads], named: node.name)
    case .reshape(let shape): return writer.reshaped(inputs[0], shapes[0], shape)
    case .concatenate(let layer):
      let axis = shapes[0].onnxAxis(layer.axis)
      return writer.node("Concat", inputs, ["axis": .integer(axis)], named: node.name)
    case .rearrange(let layer):
      let row = writer.reshaped(inputs[0], shapes[0], [shapes[0].count])
      return writer.moved(
        row, of: shapes[0].count, layer.order.places, to: layer.shape, named: node.name)
    case .fakeQuantize(let codes):
      let steps = [
        writer.constant("\(node.name)/scale", [], [codes.scale]),
        writer.constant("\(node.name)/zeroPoint", [], [Int8(codes.zeroPoint)]),
      ]
      let written = writer.node("QuantizeLinear", inputs + steps, named: "\(node.name)/codes")
      return writer.node("DequantizeLinear", [written] + steps, named: node.name)
    case .softmax, .logSoftmax:
      let axis = shapes[0].rank == 4 ? 1 : -1
      let name = node.operation == .softmax ? "Softmax" : "LogSoftmax"
      return writer.node(name, inputs, ["axis": .integer(axis)], named: node.name)
    }
  }

  private mutating func add(
    _ layer: Operator.Conv2D, _ name: String, _ input: String
  ) -> String {
    let taps = Shape(
      batch: layer.outputChannels, height: layer.kernel.height, width: layer.kernel.width,
      channels: layer.inputChannels / layer.groups)
    let weights = writer.constant("\(name)/weights", taps.nchw, taps.inNCHW(layer.weights))
    return convolution(name, input, weights, layer.bias, layer.window, groups: layer.groups)
  }

  private mutating func add(
    _ layer: Operator.DepthwiseConv2D, _ name: String, _ input: String
  ) -> String {
    let taps = Shape(
      batch: 1, height: layer.kernel.height, width: layer.kernel.width,
      channels: layer.outputChannels)
    // A channel's taps lie together in either order, so the axes of size one may change places.
    let shape: Shape = [layer.outputChannels, 1, layer.kernel.height, layer.kernel.width]
    let weights = writer.constant("\(name)/weights", shape, taps.inNCHW(layer.weights))
    return convolution(name, input, weights, layer.bias, layer.window, groups: layer.channels)
  }

  private mutating func convolution(
    _ name: String, _ input: String, _ weights: String, _ bias: [Float],
    _ window: Operator.Window, groups: Int
  ) -> String {
    var attributes = Self.attributes(window)
    attributes["dilations"] = .integers([window.dilation.height, window.dilation.width])
    attributes["group"] = .integer(groups)
    let bias = writer.constant("\(name)/bias", [bias.count], bias)
    return writer.node("Conv", [input, weights, bias], attributes, named: name)
  }

  private mutating func add(
    _ layer: Operator.FullyConnected, _ name: String, _ input: String, _ shape: Shape
  ) -> String {
    let rows = writer.reshaped(
      input, shape, Shape([shape.count / layer.inputCount, layer.inputCount]))
    let weights = writer.constant(
      "\(name)/weights", [layer.outputCount, layer.inputCount], layer.weights)
    let bias = writer.constant("\(name)/bias", [layer.outputCount], layer.bias)
    return writer.node("Gemm", [rows, weights, bias], ["transB": .integer(1)], named: name)
  }

  /// One with the mean 0 and the variance 1, whose scale and offset say all.
  private mutating func add(
    _ layer: Operator.BatchNormalization, _ name: String, _ input: String, _ shape: Shape
  ) -> String {
    let count = layer.scale.count
    let constants = [
      ("scale", layer.scale), ("offset", layer.offset),
      ("mean", [Float](repeating: 0, count: count)),
      ("variance", [Float](repeating: 1, count: count)),
    ].map { writer.constant("\(name)/\($0)", [count], $1) }
    // The operator counts axis 1 as that of the channels.
    let image = Shape([shape.count / count, count])
    let rows = shape.rank == 4 ? input : writer.reshaped(input, shape, image)
    let normal = writer.node(
      "BatchNormalization", [rows] + constants, ["epsilon": .real(0)], named: name)
    return shape.rank == 4 ? normal : writer.reshaped(normal, image, shape)
  }

  private mutating func add(
    _ layer: Operator.PReLU, _ name: String, _ input: String, _ shape: Shape
  ) -> String {
    var sizes = shape
    if layer.alpha.count != shape.count {
      sizes = Shape(shape.dimensions.dropLast().map { _ in 1 } + [layer.alpha.count])
    }
    let alpha = writer.constant("\(name)/alpha", sizes.nchw, sizes.inNCHW(layer.alpha))
    return writer.node("PRelu", [input, alpha], named: name)
  }

  private static func attributes(_ window: Operator.Window) -> [String: ONNXAttribute] {
    let (kernel, stride, padding) = (window.kernel, window.stride, window.padding)
    return [
      "kernel_shape": .integers([kernel.height, kernel.width]),
      "strides": .integers([stride.height, stride.width]),
      "pads": .integers([padding.top, padding.left, padding.bottom, padding.right]),
    ]
  }
}

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
