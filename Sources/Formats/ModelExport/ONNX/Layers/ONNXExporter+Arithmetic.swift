internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// In 32-bit floats: the layer's own sums have 20 bits below a step of the wider operand.
  mutating func add(_ operation: Add, _ layer: Layer) throws(ExportError) -> String {
    clamped(try combined("Add", layer), operation.clamp, layer)
  }

  /// An operator of two tensors whose shapes meet axis by axis, in either order of axes.
  mutating func combined(_ operation: String, _ layer: Layer) throws(ExportError) -> String {
    let shapes = inputs(layer).map(\.shape)
    guard shapes[0].rank == shapes[1].rank || shapes.contains(where: { $0.count == 1 }) else {
      throw inexpressible(layer, "operands of \(shapes[0].rank) and \(shapes[1].rank) axes")
    }
    return writer.node(operation, layer.inputs.map { value(of: $0) })
  }

  mutating func add(_ operation: Multiply, _ layer: Layer) throws(ExportError) -> String {
    let product = try combined("Mul", layer)
    let unit = inputs(layer).reduce(1) { $0 * $1.scale }
    let rounded = requantized(
      product, [unit], [operation.factor], operation.rounding, [1], layer)
    return clamped(rounded, operation.clamp, layer)
  }

  mutating func add(_ operation: Extremum, _ layer: Layer) throws(ExportError) -> String {
    switch operation.choice {
    case .maximum: try combined("Max", layer)
    case .minimum: try combined("Min", layer)
    }
  }

  mutating func addSquaredDifference(_ layer: Layer) throws(ExportError) -> String {
    let difference = try combined("Sub", layer)
    return writer.node("Mul", [difference, difference])
  }

  mutating func addL2Normalization(_ layer: Layer) -> String {
    let shape = inputs(layer)[0].shape
    return writer.node(
      "LpNormalization", [value(of: layer.inputs[0])],
      ["axis": .integer(shape.onnxAxis(shape.rank - 1)), "p": .integer(2)])
  }

  mutating func add(_ operation: Softmax, _ layer: Layer) -> String {
    let shape = inputs(layer)[0].shape
    return writer.node(
      "Softmax", [value(of: layer.inputs[0])],
      ["axis": .integer(shape.onnxAxis(shape.rank - 1))])
  }
}
