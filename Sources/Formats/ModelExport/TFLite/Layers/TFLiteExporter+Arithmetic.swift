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

  mutating func add(_ operation: Softmax, _ layer: Layer) throws(ExportError) {
    let input = inputs(layer)[0]
    guard operation == Softmax(depth: operation.depth, inputScale: input.scale) else {
      throw inexact(layer, "its factor")
    }
    writer.add(
      .softmax, version: 2, [index(of: layer.inputs[0])], index(of: layer.output),
      TFLiteOptions(.softmax, [TFLiteField.SoftmaxOptions.beta: .float(1)]))
  }

  /// Operators of one code, and the two that spell h-sigmoid.
  mutating func add(_ operation: Lookup, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    guard let function = TableFunction(rawValue: operation.function),
      let table = runtime.table(function, input: input, output: output)
    else { throw .function(layer: layer.name, function: operation.function) }
    let differences = (0..<256).count { table.values[$0] != operation.table[$0] }
    guard differences == 0 else {
      throw .table(
        layer: layer.name, function: operation.function, differences: differences,
        runtime: runtime.rawValue)
    }
    let tensors = ([index(of: layer.inputs[0])], index(of: layer.output))
    switch function {
    case .relu: writer.add(.relu, version: 2, tensors.0, tensors.1)
    case .relu6: writer.add(.relu6, version: 2, tensors.0, tensors.1)
    case .logistic: writer.add(.logistic, version: 2, tensors.0, tensors.1)
    case .hardSwish: writer.add(.hardSwish, version: 1, tensors.0, tensors.1)
    case .quantize:
      writer.add(
        .quantize, version: 2, tensors.0, tensors.1, TFLiteOptions(.quantize))
    case .hardSigmoid:
      guard let steps = HardSigmoidSteps(input: input, output: output, runtime: runtime) else {
        throw .function(layer: layer.name, function: operation.function)
      }
      let sum = writer.add(steps.sum)
      writer.add(.add, version: 2, tensors.0 + [writer.add(steps.three)], sum, Self.sum(.relu6))
      writer.add(
        .multiply, version: 2, [sum, writer.add(steps.sixth)], tensors.1,
        TFLiteOptions(
          .multiply,
          [TFLiteField.MulOptions.activation: .integer(Int8(TFLiteActivation.none.rawValue))]))
    }
  }

  private static func sum(_ activation: TFLiteActivation) -> TFLiteOptions {
    TFLiteOptions(
      .add,
      [
        TFLiteField.AddOptions.activation: .integer(Int8(activation.rawValue)),
        TFLiteField.AddOptions.powerOfTwoScaleInt16: .flag(true),
      ])
  }
}
