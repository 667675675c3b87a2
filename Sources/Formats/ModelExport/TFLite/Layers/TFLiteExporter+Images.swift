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

extension TFLiteExporter {
  mutating func add(_ operation: Pool, _ layer: Layer) throws(ExportError) {
    let code: BuiltinOperator =
      switch operation.choice {
      case .average: .averagePool2D
      case .maximum: .maxPool2D
      }
    let (window, channels) = (ExportedWindow(operation.window), operation.channels)
    let activation = try activation(operation.clamp, layer)
    // Zeros that are written out would count as values of the window.
    if case .padded = window.spelling {
      throw inexpressible(layer, "padding that is neither SAME nor VALID")
    }
    let (input, padding) = input(of: layer, window, channels: channels)
    let fields = window.options(.pool2D, padding: padding, activation)
    let result = result(of: layer, window, channels: channels)
    writer.add(code, version: 2, [input], result, TFLiteOptions(.pool2D, fields))
    deliver(result, of: layer)
  }

  mutating func add(_ operation: Mean, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    let factor = try? Requantization(factor: input.scale / output.scale)
    guard operation.rounding == .double,
      operation.factor == factor?.divided(by: Int32(operation.pixels))
    else { throw inexact(layer, "its factor or rounding") }
    guard let axes = operation.axes(of: input.shape) else {
      throw inexpressible(layer, "a mean over other than whole neighboring axes")
    }
    let sizes = input.shape.dimensions
    let dropped = sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] }
    let parameters = writer.add("\(layer.name)/axes", [axes.count], parameters: Array(axes))
    var result = output
    let isDropped = output.shape.dimensions == dropped
    if !isDropped {
      result.name = "\(layer.name)/result"
      result.shape = Shape(sizes.indices.map { axes.contains($0) ? 1 : sizes[$0] })
    }
    let index = result.shape == output.shape ? index(of: layer.output) : writer.add(result)
    writer.add(
      .mean, version: 2, [self.index(of: layer.inputs[0]), parameters], index,
      TFLiteOptions(.reducer, [TFLiteField.ReducerOptions.keepsAxes: .flag(!isDropped)]))
    deliver(index, of: layer)
  }
}

extension Mean {
  /// The neighboring axes of `shape` that the mean is over.
  fileprivate func axes(of shape: Shape) -> Range<Int>? {
    let sizes = shape.dimensions
    for end in stride(from: sizes.count, to: 0, by: -1)
    where sizes[end...].reduce(1, *) == channels {
      for begin in (0..<end).reversed() where sizes[begin..<end].reduce(1, *) == pixels {
        return begin..<end
      }
    }
    return nil
  }
}
