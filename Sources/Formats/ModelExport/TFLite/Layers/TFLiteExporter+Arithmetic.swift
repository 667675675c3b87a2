internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  mutating func add(_ operation: Add, _ layer: Layer) throws(ExportError) {
    let (inputs, output) = (inputs(layer), output(layer))
    let expected = try? Add(
      a: inputs[0], b: inputs[1], output: output, broadcast: operation.broadcast,
      clamp: operation.clamp, rounding: .double)
    guard operation == expected else { throw inexact(layer, "a factor or its rounding") }
    guard operation.isWithinReach else {
      throw inexpressible(layer, "a sum on a scale 2^19 times finer than its inputs'")
    }
    let activation = try activation(operation.clamp, layer)
    writer.add(
      .add, version: 2, layer.inputs.map { index(of: $0) }, index(of: layer.output),
      Self.sum(activation))
  }

  mutating func add(_ operation: Multiply, _ layer: Layer) throws(ExportError) {
    let (inputs, output) = (inputs(layer), output(layer))
    let factor = runtime.productFactor(inputs[0], inputs[1], output)
    guard operation.rounding == .double, operation.factor == (try? Requantization(factor: factor))
    else { throw inexact(layer, "its factor or rounding") }
    let activation = try activation(operation.clamp, layer)
    writer.add(
      .multiply, version: 2, layer.inputs.map { index(of: $0) }, index(of: layer.output),
      TFLiteOptions(
        .multiply, [TFLiteField.MulOptions.activation: .integer(Int8(activation.rawValue))]))
  }

  mutating func add(_ operation: Extremum, _ layer: Layer) {
    let code: BuiltinOperator =
      switch operation.choice {
      case .maximum: .maximum
      case .minimum: .minimum
      }
    writer.add(
      code, version: 2, layer.inputs.map { index(of: $0) }, index(of: layer.output),
      TFLiteOptions(.maximumMinimum))
  }

  mutating func addSquaredDifference(_ layer: Layer) {
    writer.add(
      .squaredDifference, version: 2, layer.inputs.map { index(of: $0) }, index(of: layer.output),
      TFLiteOptions(.squaredDifference))
  }

  mutating func add(_ operation: Softmax, _ layer: Layer) throws(ExportError) {
    let input = inputs(layer)[0]
    guard operation == Softmax(depth: operation.depth, inputScale: input.scale) else {
      throw inexact(layer, "its factor")
    }
    writer.add(
      .softmax, version: 2, [index(of: layer.inputs[0])], index(of: layer.output),
      TFLiteOptions(.softmax, [TFLiteField.SoftmaxOptions.beta: .float(1)]))
  }

  mutating func addL2Normalization(_ layer: Layer) {
    writer.add(
      .l2Normalization, version: 2, [index(of: layer.inputs[0])], index(of: layer.output),
      TFLiteOptions(.l2Norm))
  }

  static func sum(_ activation: TFLiteActivation) -> TFLiteOptions {
    TFLiteOptions(
      .add,
      [
        TFLiteField.AddOptions.activation: .integer(Int8(activation.rawValue)),
        TFLiteField.AddOptions.powerOfTwoScaleInt16: .flag(true),
      ])
  }
}
