internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  mutating func add(_ operation: Copy, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let operands = [index(of: layer.inputs[0])]
    if operation.isPart || operation.function == "concatenation" {
      return try addConcatenation(layer)
    }
    if operation.isIdentity {
      return reshape(operands[0], to: output, as: index(of: layer.output))
    }
    if operation.fill != nil {
      guard let counts = operation.padding(input, output) else { throw inexact(layer, "its shape") }
      let parameters = writer.add("\(layer.name)/padding", [input.rank, 2], parameters: counts)
      writer.add(
        .pad, version: 2, operands + [parameters], index(of: layer.output),
        TFLiteOptions(.pad))
    } else {
      guard let axes = operation.axes(input, output) else { throw inexact(layer, "its shape") }
      let parameters = writer.add("\(layer.name)/axes", [axes.count], parameters: axes)
      writer.add(
        .transpose, version: 2, operands + [parameters], index(of: layer.output),
        TFLiteOptions(.transpose))
    }
  }

  /// The layers that together fill one tensor, as one operator.
  private mutating func addConcatenation(_ last: Layer) throws(ExportError) {
    guard let (parts, axis) = model.concatenation(endingIn: last)
    else { throw inexact(last, "its shape") }
    writer.add(
      .concatenation, version: 2, parts.map { index(of: $0) }, index(of: last.output),
      TFLiteOptions(.concatenation, [TFLiteField.ConcatenationOptions.axis: .integer(Int32(axis))]))
  }
}
