internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Conv2D, _ layer: Layer) throws(ExportError) -> String {
    let taps = Shape(
      batch: operation.outputChannels, height: operation.kernel.height,
      width: operation.kernel.width, channels: operation.inputChannels / operation.groups)
    let constants = try constants(
      operation, layer, taps.nchw, taps.inNCHW(operation.weights.values))
    return convolution(
      operation, layer, ExportedWindow(operation.window), constants, groups: operation.groups,
      channels: (operation.inputChannels, operation.outputChannels))
  }

  /// A convolution of images, which the layer's tensors may hold under other shapes.
  mutating func convolution(
    _ operation: some ChannelRequantized, _ layer: Layer, _ window: ExportedWindow,
    _ constants: [String], groups: Int, channels: (input: Int, output: Int)
  ) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let images = output.count / layer.operation.valueCounts.output
    func shape(_ extent: Extent, _ channels: Int) -> Shape {
      Shape(batch: images, height: extent.height, width: extent.width, channels: channels)
    }
    var attributes = window.attributes
    attributes["dilations"] = .integers([window.dilation.height, window.dilation.width])
    attributes["group"] = .integer(groups)
    let image = reshaped(value(of: layer.inputs[0]), input, shape(window.input, channels.input))
    let sum = writer.node("Conv", [image] + constants, attributes)
    let rounded = requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
    return reshaped(rounded, shape(window.output, channels.output), output)
  }

  mutating func add(_ operation: DepthwiseConv2D, _ layer: Layer) throws(ExportError) -> String {
    let taps = Shape(
      batch: 1, height: operation.kernel.height, width: operation.kernel.width,
      channels: operation.outputChannels)
    // A channel's taps lie together in either order, so the axes of size one may change places.
    let shape: Shape = [
      operation.outputChannels, 1, operation.kernel.height, operation.kernel.width,
    ]
    let constants = try constants(operation, layer, shape, taps.inNCHW(operation.weights.values))
    return convolution(
      operation, layer, ExportedWindow(operation.window), constants, groups: operation.channels,
      channels: (operation.channels, operation.outputChannels))
  }

  /// A convolution of one pixel: ONNX Runtime fuses Gemm between DequantizeLinear and anything into
  /// an int8 kernel that saturates on processors without VNNI.
  mutating func add(_ operation: FullyConnected, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let rows = output.count / operation.outputCount
    let pixels = Shape(batch: rows, height: 1, width: 1, channels: operation.inputCount)
    let results = Shape(batch: rows, height: 1, width: 1, channels: operation.outputCount)
    let shape: Shape = [operation.outputCount, operation.inputCount, 1, 1]
    let constants = try constants(operation, layer, shape, operation.weights.values)
    let sum = writer.node("Conv", [reshaped(value(of: layer.inputs[0]), input, pixels)] + constants)
    let rounded = requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
    return reshaped(rounded, results, output)
  }

  /// The real values of weights and bias.
  ///
  /// - Throws: `ExportError.inexpressible` where the scales of the weights are not known, `.curve`
  ///   where the sums keep 16 bits.
  mutating func constants(
    _ operation: some ChannelRequantized, _ layer: Layer, _ shape: Shape, _ weights: [Int8]
  ) throws(ExportError) -> [String] {
    if let curve = operation.curve { throw .curve(layer: layer.name, function: curve.title) }
    let scales = layer.weightScales.values
    guard scales.count == operation.bias.count else {
      throw inexpressible(layer, "weights without a scale for each output channel")
    }
    let inputScale = Float(inputs(layer)[0].scale)
    let weights = writer.constant("\(layer.name)/weights", shape, weights)
    let bias = writer.constant("\(layer.name)/bias", [scales.count], operation.bias.values)
    // Without zero points ONNX Runtime's change of weights to unsigned codes fails.
    let zeros = writer.constant(
      "\(layer.name)/weights/zeroPoint", [scales.count], [Int8](repeating: 0, count: scales.count))
    return [
      dequantized(weights, scales, [zeros]),
      dequantized(bias, scales.map { $0 * inputScale }, []),
    ]
  }

  /// The real values of `codes`, with a scale for each place of axis 0.
  private mutating func dequantized(
    _ codes: String, _ scales: [Float], _ zeroPoints: [String]
  ) -> String {
    let scale = writer.constant("\(codes)/scale", [scales.count], scales)
    return writer.node(
      "DequantizeLinear", [codes, scale] + zeroPoints, ["axis": .integer(0)],
      named: "\(codes)/real")
  }
}
