internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  mutating func add(_ operation: Conv2D, _ layer: Layer) throws(ExportError) {
    try check(operation, layer)
    guard operation.rounding == .double else { throw inexact(layer, "its rounding") }
    let activation = try activation(operation.clamp, layer)
    let window = ExportedWindow(operation.window)
    let (input, padding) = input(of: layer, window, channels: operation.inputChannels)
    let shape = Shape([
      operation.outputChannels, operation.kernel.height, operation.kernel.width,
      operation.inputChannels / operation.groups,
    ])
    let constants = addConstants(operation, operation.weights, shape, axis: 0, layer)
    let fields = window.options(.conv2D, padding: padding, activation)
    let result = result(of: layer, window, channels: operation.outputChannels)
    writer.add(
      .conv2D, version: 3, [input] + constants, result, TFLiteOptions(.conv2D, fields))
    deliver(result, of: layer)
  }

  mutating func add(_ operation: DepthwiseConv2D, _ layer: Layer) throws(ExportError) {
    try check(operation, layer)
    guard operation.rounding == .double else { throw inexact(layer, "its rounding") }
    let activation = try activation(operation.clamp, layer)
    let window = ExportedWindow(operation.window)
    let (input, padding) = input(of: layer, window, channels: operation.channels)
    let shape = Shape([
      1, operation.kernel.height, operation.kernel.width, operation.outputChannels,
    ])
    let constants = addConstants(operation, operation.weights, shape, axis: 3, layer)
    var fields = window.options(.depthwiseConv2D, padding: padding, activation)
    fields[TFLiteWindowFields.depthMultiplier] = .integer(Int32(operation.channelMultiplier))
    let result = result(of: layer, window, channels: operation.outputChannels)
    writer.add(
      .depthwiseConv2D, version: 3, [input] + constants, result,
      TFLiteOptions(.depthwiseConv2D, fields))
    deliver(result, of: layer)
  }

  /// FULLY_CONNECTED where the runtime's rounding of it is the layer's, else a convolution of one
  /// pixel, which every runtime rounds twice.
  mutating func add(_ operation: FullyConnected, _ layer: Layer) throws(ExportError) {
    let activation = try activation(operation.clamp, layer)
    let isPerTensor = isPerTensor(operation, layer)
    // One output has one scale, which runtimes take for that of the whole tensor.
    if operation.rounding == runtime.fullyConnectedRounding,
      isPerTensor || operation.outputCount > 1
    {
      if !isPerTensor { try check(operation, layer) }
      let shape = Shape([operation.outputCount, operation.inputCount])
      let constants = addConstants(
        operation, operation.weights, shape, axis: 0, layer, isPerTensor: isPerTensor)
      let (input, output) = (inputs(layer)[0].shape.dimensions, output(layer).shape)
      let keepsAxes =
        input.last == operation.inputCount
        && output.dimensions == input.dropLast() + [operation.outputCount]
      let rows = Shape([output.count / operation.outputCount, operation.outputCount])
      let result = keepsAxes ? index(of: layer.output) : result(of: layer, as: rows)
      writer.add(
        .fullyConnected, version: 5, [index(of: layer.inputs[0])] + constants, result,
        TFLiteOptions(
          .fullyConnected,
          [
            TFLiteField.FullyConnectedOptions.activation: .integer(Int8(activation.rawValue)),
            TFLiteField.FullyConnectedOptions.keepsAxes: .flag(keepsAxes),
          ]))
      deliver(result, of: layer)
      return
    }
    guard operation.rounding == .double else { throw inexact(layer, "its rounding") }
    try check(operation, layer)
    try addAsConvolution(operation, layer, activation)
  }

  private mutating func addAsConvolution(
    _ operation: FullyConnected, _ layer: Layer, _ activation: TFLiteActivation
  ) throws(ExportError) {
    var (pixel, result) = (model.tensors[layer.inputs[0]], output(layer))
    let images = result.shape.count / operation.outputCount
    pixel.name = "\(layer.name)/pixel"
    pixel.shape = Shape(batch: images, height: 1, width: 1, channels: operation.inputCount)
    pixel.constant = nil
    result.name = "\(layer.name)/result"
    result.shape = Shape(batch: images, height: 1, width: 1, channels: operation.outputCount)
    let (input, output) = (writer.add(pixel), writer.add(result))
    reshape(index(of: layer.inputs[0]), to: pixel.shape, as: input)
    let shape = Shape([operation.outputCount, 1, 1, operation.inputCount])
    let constants = addConstants(operation, operation.weights, shape, axis: 0, layer)
    writer.add(
      .conv2D, version: 3, [input] + constants, output,
      TFLiteOptions(
        .conv2D,
        [
          TFLiteWindowFields.padding: .integer(Int8(1)),
          TFLiteWindowFields.strideWidth: .integer(Int32(1)),
          TFLiteWindowFields.strideHeight: .integer(Int32(1)),
          TFLiteWindowFields.conv2D.activation: .integer(Int8(activation.rawValue)),
        ]))
    reshape(output, to: self.output(layer).shape, as: index(of: layer.output))
  }

  /// Whether one scale holds for all weights, and the factor is the one that runtimes then derive:
  /// the product of 32-bit scales is a 32-bit float.
  /// Source: TensorFlow Lite `kernel_util.cc`, `GetQuantizedConvolutionMultipler`.
  private func isPerTensor(_ operation: FullyConnected, _ layer: Layer) -> Bool {
    let (input, output) = (inputs(layer)[0], output(layer))
    guard operation.curve == nil, let scale = layer.weightScales.values.first,
      layer.weightScales.values.allSatisfy({ $0 == scale }),
      let expected = try? Requantization(
        factor: Double(Float(input.scale) * scale) / output.scale)
    else { return false }
    return (0..<operation.outputCount).allSatisfy { operation.requantization($0) == expected }
  }

  /// Checks that the multipliers and shifts are those of the scales.
  func check(_ operation: some ChannelRequantized, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    if let curve = operation.curve { throw .curve(layer: layer.name, function: curve.title) }
    guard layer.weightScales.count == operation.bias.count else {
      throw inexact(layer, "the number of its weight scales")
    }
    for (c, scale) in layer.weightScales.values.enumerated() {
      let factor = input.scale * Double(scale) / output.scale
      guard let expected = try? Requantization(factor: factor),
        expected == operation.requantization(c)
      else { throw inexact(layer, "the factor of output channel \(c)") }
    }
  }

  /// Adds weights and bias, with a scale an output or, per tensor, one.
  mutating func addConstants(
    _ operation: some ChannelRequantized, _ weights: Constants<Int8>, _ shape: Shape, axis: Int,
    _ layer: Layer, isPerTensor: Bool = false
  ) -> [Int] {
    let scales = isPerTensor ? [layer.weightScales[0]] : layer.weightScales.values
    let inputScale = Float(inputs(layer)[0].scale)
    return [
      writer.add("\(layer.name)/weights", shape, weights: weights, scales: scales, axis: axis),
      writer.add(
        "\(layer.name)/bias", bias: operation.bias, scales: scales.map { $0 * inputScale }),
    ]
  }
}
