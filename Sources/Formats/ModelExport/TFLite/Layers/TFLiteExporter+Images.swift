internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  mutating func add(_ operation: Resize, _ layer: Layer) throws(ExportError) {
    guard let mode = operation.inRuntimes else {
      guard !operation.isNearest else {
        throw inexpressible(layer, "nearest pixels that none of the runtimes' formulas picks")
      }
      throw inexact(layer, "the places between pixels")
    }
    let output = operation.output
    let sizes = writer.add("\(layer.name)/size", [2], parameters: [output.height, output.width])
    let (corners, middles) = (mode.alignsCorners, mode.hasHalfPixels)
    let options =
      mode.isBilinear
      ? TFLiteOptions(
        .resizeBilinear,
        [
          TFLiteField.ResizeBilinearOptions.alignsCorners: .flag(corners),
          TFLiteField.ResizeBilinearOptions.hasHalfPixels: .flag(middles),
        ])
      : TFLiteOptions(
        .resizeNearestNeighbor,
        [
          TFLiteField.ResizeNearestNeighborOptions.alignsCorners: .flag(corners),
          TFLiteField.ResizeNearestNeighborOptions.hasHalfPixels: .flag(middles),
        ])
    let input = image(of: layer, operation.input, channels: operation.channels)
    let result = result(of: layer, operation.output, channels: operation.channels)
    writer.add(
      mode.isBilinear ? .resizeBilinear : .resizeNearestNeighbor, version: 3, [input, sizes],
      result, options)
    deliver(result, of: layer)
  }

  mutating func add(_ operation: TransposedConv2D, _ layer: Layer) throws(ExportError) {
    try check(operation, layer)
    guard operation.rounding == .double else { throw inexact(layer, "its rounding") }
    guard operation.groups == 1 else { throw inexpressible(layer, "groups") }
    let same = Padding.same(
      input: operation.output, kernel: operation.kernel, stride: operation.stride)
    let code: Int8
    if operation.padding == Extent(same.top, same.left), operation.hasInput(reaching: .unit) {
      code = 0
    } else if operation.padding == Extent(0, 0), operation.hasInput(reaching: operation.kernel) {
      code = 1
    } else {
      throw inexpressible(layer, "padding that is neither SAME nor VALID")
    }
    let activation = try activation(operation.clamp, layer)
    let input = image(of: layer, operation.input, channels: operation.inputChannels)
    let result = result(of: layer, operation.output, channels: operation.outputChannels)
    let images = output(layer).shape.count / operation.valueCounts.output
    let sizes = writer.add(
      "\(layer.name)/size", [4],
      parameters: [
        images, operation.output.height, operation.output.width, operation.outputChannels,
      ])
    let shape = Shape([
      operation.outputChannels, operation.kernel.height, operation.kernel.width,
      operation.inputChannels,
    ])
    let constants = addConstants(operation, operation.weights, shape, axis: 0, layer)
    writer.add(
      .transposeConv, version: 4, [sizes, constants[0], input, constants[1]], result,
      TFLiteOptions(
        .transposeConv,
        [
          TFLiteWindowFields.padding: .integer(code),
          TFLiteWindowFields.strideWidth: .integer(Int32(operation.stride.width)),
          TFLiteWindowFields.strideHeight: .integer(Int32(operation.stride.height)),
          TFLiteWindowFields.transposeConv.activation: .integer(Int8(activation.rawValue)),
        ]))
    deliver(result, of: layer)
  }
}

extension TransposedConv2D {
  /// Whether the input is of the size that a convolution with windows of `kernel` makes of the
  /// output: LiteRT takes no other, though more pixels may be reached.
  fileprivate func hasInput(reaching kernel: Extent) -> Bool {
    (output.height - kernel.height) / stride.height + 1 == input.height
      && (output.width - kernel.width) / stride.width + 1 == input.width
      && output.height >= kernel.height && output.width >= kernel.width
  }
}
