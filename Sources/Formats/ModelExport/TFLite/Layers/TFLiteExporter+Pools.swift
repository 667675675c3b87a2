internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

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
