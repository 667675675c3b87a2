internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// What is above 0 and what is below, each rounded as the layer rounds it: one of the two is 0.
  mutating func add(_ operation: PReLU, _ layer: Layer) throws(ExportError) -> String {
    let (input, alpha) = (inputs(layer)[0], operation.alpha.values)
    guard
      alpha.count == 1 || alpha.count == input.shape.channels || alpha.count == input.shape.count
    else { throw inexpressible(layer, "shares that end within an axis") }
    let share = Double(operation.alphaScale)
    let reals = alpha.map { Float(share * Double($0)) }
    let isWhole = alpha.count == input.shape.count
    let channel = input.shape.dimensions.indices.map {
      $0 == input.shape.rank - 1 ? alpha.count : 1
    }
    let shape = isWhole ? input.shape : Shape(channel)
    let shares = writer.constant(
      "\(layer.name)/alpha", shape.nchw, isWhole ? input.shape.inNCHW(reals) : reals)
    let x = value(of: layer.inputs[0])
    let zero = writer.constant("\(layer.name)/zero", [], [Float(0)])
    let below = writer.node("Mul", [writer.node("Clip", [x, "", zero]), shares])
    let parts = [
      requantized(
        writer.node("Relu", [x]), [input.scale], [operation.identity], .double, [1], layer),
      requantized(below, [input.scale * share], [operation.below], .double, [1], layer),
    ]
    return writer.node("Add", parts)
  }
}
