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
    if let fill = operation.fill {
      guard fill == Int8(self.output(layer).zeroPoint) else { throw inexact(layer, "its padding") }
      guard let counts = operation.padding(input, output) else { throw inexact(layer, "its shape") }
      let parameters = writer.add("\(layer.name)/padding", [input.rank, 2], parameters: counts)
      writer.add(
        .pad, version: 2, operands + [parameters], index(of: layer.output),
        TFLiteOptions(.pad))
    } else if let axes = operation.axes(input, output) {
      let parameters = writer.add("\(layer.name)/axes", [axes.count], parameters: axes)
      writer.add(
        .transpose, version: 2, operands + [parameters], index(of: layer.output),
        TFLiteOptions(.transpose))
    } else if let begin = operation.sliceBegin(input, output) {
      let first = writer.add("\(layer.name)/begin", [begin.count], parameters: begin)
      let size = writer.add("\(layer.name)/size", [begin.count], parameters: output.dimensions)
      writer.add(
        .slice, version: 2, operands + [first, size], index(of: layer.output),
        TFLiteOptions(.slice))
    } else {
      try addGather(layer)
    }
  }

  /// TRANSPOSE of `operand`, cut into axes of these sizes.
  private mutating func addTransposition(
    _ layer: Layer, _ operand: Int, _ sizes: [Int], _ axes: [Int]
  ) {
    let cut = part(of: layer, "cut", Shape(sizes))
    reshape(index(of: operand), to: Shape(sizes), as: cut)
    let turned = part(of: layer, "turned", Shape(axes.map { sizes[$0] }))
    let parameters = writer.add("\(layer.name)/axes", [axes.count], parameters: axes)
    writer.add(
      .transpose, version: axes.count > 4 ? 4 : 2, [cut, parameters], turned,
      TFLiteOptions(.transpose))
    reshape(turned, to: output(layer).shape, as: index(of: layer.output))
  }

  /// The layers that together fill one tensor, as one operator.
  private mutating func addConcatenation(_ last: Layer) throws(ExportError) {
    guard let (parts, axis) = model.concatenation(endingIn: last) else {
      return try addGather(last)
    }
    writer.add(
      .concatenation, version: 2, parts.map { index(of: $0) }, index(of: last.output),
      TFLiteOptions(.concatenation, [TFLiteField.ConcatenationOptions.axis: .integer(Int32(axis))]))
  }

  /// The copies that together fill one tensor, whatever they do: a transposition of axes that the input
  /// is cut into, or every value by its place among those of their operands.
  private mutating func addGather(_ last: Layer) throws(ExportError) {
    guard let (operands, places) = model.places(endingIn: last) else {
      throw inexact(last, "its shape")
    }
    if operands.count == 1, let order = StridedOrder(walking: places),
      let (sizes, axes) = order.turnedAxes(of: model.tensors[operands[0]].shape.count)
    {
      return addTransposition(last, operands[0], sizes, axes)
    }
    let rows = operands.map { operand in
      let row = part(of: last, "row", [model.tensors[operand].shape.count])
      reshape(index(of: operand), to: [model.tensors[operand].shape.count], as: row)
      return row
    }
    var all = rows[0]
    if rows.count > 1 {
      let count = operands.reduce(0) { $0 + model.tensors[$1].shape.count }
      all = part(of: last, "rows", [count])
      writer.add(
        .concatenation, version: 2, rows, all,
        TFLiteOptions(.concatenation, [TFLiteField.ConcatenationOptions.axis: .integer(Int32(0))]))
    }
    let gathered = part(of: last, "gathered", [places.count])
    let indices = writer.add("\(last.name)/places", [places.count], parameters: places)
    writer.add(.gather, version: 2, [all, indices], gathered, TFLiteOptions(.gather))
    reshape(gathered, to: output(last).shape, as: index(of: last.output))
  }

  /// A tensor of the file for what stands between the operators of one layer.
  private mutating func part(of layer: Layer, _ name: String, _ shape: Shape) -> Int {
    let output = output(layer)
    return writer.add(
      QuantizedTensor(
        name: "\(layer.name)/\(name)", shape: shape, scale: output.scale,
        zeroPoint: output.zeroPoint))
  }
}
