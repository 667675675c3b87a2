internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  mutating func add(_ operation: AveragePool, _ layer: Layer) throws(ExportError) {
    let window = ExportedWindow(operation)
    try add(.averagePool2D, window, operation.clamp, layer)
  }

  mutating func add(_ operation: MaxPool, _ layer: Layer) throws(ExportError) {
    let window = ExportedWindow(operation)
    try add(.maxPool2D, window, operation.clamp, layer)
  }

  private mutating func add(
    _ code: BuiltinOperator, _ window: ExportedWindow, _ clamp: ClosedRange<Int32>,
    _ layer: Layer
  ) throws(ExportError) {
    let activation = try activation(clamp, layer)
    var fields: [Int: FlatNode]
    switch window.spelling {
    case .same: fields = window.options(padding: 0)
    case .valid: fields = window.options(padding: 1)
    // Zeros that are written out would count as values of the window.
    case .padded: throw inexact(layer, "its padding, neither SAME nor VALID,")
    }
    fields[3] = .integer(Int32(window.kernel.width))
    fields[4] = .integer(Int32(window.kernel.height))
    fields[5] = .integer(Int8(activation.rawValue))
    writer.add(
      code, version: 2, [index(of: layer.inputs[0])], index(of: layer.output),
      TFLiteOptions(kind: 5, fields: fields))
  }

  mutating func add(_ operation: Mean, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    let factor = try? Requantization(factor: input.scale / output.scale)
    guard operation.rounding == .double,
      operation.factor == factor?.divided(by: Int32(operation.pixels))
    else { throw inexact(layer, "its factor or rounding") }
    guard let axes = operation.axes(of: input.shape) else { throw inexact(layer, "its shape") }
    let parameters = writer.add("\(layer.name)/axes", [axes.count], parameters: Array(axes))
    writer.add(
      .mean, version: 2, [index(of: layer.inputs[0]), parameters], index(of: layer.output),
      TFLiteOptions(kind: 27, fields: [0: .flag(output.shape.rank == input.shape.rank)]))
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
