internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  /// PRELU of shares without a zero point; as many axes as the input has, the outer ones of size 1.
  mutating func add(_ operation: PReLU, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    let alpha = operation.alpha.values
    guard
      operation
        == PReLU(input, output, alpha: alpha, alphaScale: operation.alphaScale)
    else { throw inexact(layer, "a factor") }
    guard alpha.allSatisfy({ (-128...127).contains($0) }) else {
      throw inexpressible(layer, "shares of more than 8 bits")
    }
    var sizes = input.shape.dimensions.map { _ in 1 }
    var left = alpha.count
    for axis in sizes.indices.reversed() where left > 1 {
      sizes[axis] = input.shape.dimensions[axis]
      left /= sizes[axis]
    }
    guard sizes.reduce(1, *) == alpha.count else {
      throw inexpressible(layer, "shares that end within an axis")
    }
    let constant = writer.add(
      QuantizedTensor(
        name: "\(layer.name)/alpha", shape: Shape(sizes), scale: Double(operation.alphaScale),
        zeroPoint: 0, constant: Constants(alpha.map { Int8($0) })))
    writer.add(
      .prelu, version: 1, [index(of: layer.inputs[0]), constant], index(of: layer.output))
  }
}
