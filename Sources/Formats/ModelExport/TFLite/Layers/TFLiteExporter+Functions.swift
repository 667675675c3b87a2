internal import FixedPoint
internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteExporter {
  /// Operators of one code, and chains of two where the format has none.
  mutating func add(_ operation: Lookup, _ layer: Layer) throws(ExportError) {
    let (input, output) = (inputs(layer)[0], output(layer))
    guard let function = operation.function,
      let table = runtime.table(function, input: input, output: output)
    else { throw .function(layer: layer.name, function: operation.title) }
    let differences = (0..<256).count { table.values[$0] != operation.table[$0] }
    guard differences == 0 else {
      throw .table(
        layer: layer.name, function: operation.title, differences: differences,
        runtime: runtime.rawValue)
    }
    if let (code, version, options) = Self.single(function) {
      writer.add(
        code, version: version, [index(of: layer.inputs[0])], index(of: layer.output), options)
      return
    }
    guard addChain(function, layer) else {
      throw .function(layer: layer.name, function: operation.title)
    }
  }

  /// The operator that is `function`, in the version that knows int8; `nil` where there is none.
  private static func single(
    _ function: Activation
  ) -> (BuiltinOperator, version: Int, TFLiteOptions)? {
    let none = TFLiteOptions(.none)
    return switch function {
    case .relu: (.relu, 2, none)
    case .relu6: (.relu6, 2, none)
    case .reluN1To1: (.reluN1To1, 1, none)
    case .relu0To1: (.relu0To1, 1, none)
    case .logistic: (.logistic, 2, none)
    case .tanh: (.tanh, 2, none)
    case .hardSwish: (.hardSwish, 1, none)
    case .elu(1): (.elu, 1, none)
    case .gelu: (.gelu, 2, TFLiteOptions(.gelu))
    case .geluTanh:
      (.gelu, 2, TFLiteOptions(.gelu, [TFLiteField.GeluOptions.approximate: .flag(true)]))
    case .leakyRelu(let alpha):
      (
        .leakyRelu, 2,
        TFLiteOptions(.leakyRelu, [TFLiteField.LeakyReluOptions.alpha: .float(alpha)])
      )
    case .abs: (.abs, 2, TFLiteOptions(.abs))
    case .exp: (.exp, 2, TFLiteOptions(.exp))
    case .log: (.log, 2, none)
    case .sqrt: (.sqrt, 2, none)
    case .power(-0.5): (.rsqrt, 2, none)
    case .identity: (.quantize, 2, TFLiteOptions(.quantize))
    default: nil
    }
  }

  /// Adds the operators that `function` is spelled with; `false` where there are none.
  private mutating func addChain(_ function: Activation, _ layer: Layer) -> Bool {
    let (input, output) = (inputs(layer)[0], output(layer))
    let (source, result) = (index(of: layer.inputs[0]), index(of: layer.output))
    let product = TFLiteOptions(
      .multiply,
      [TFLiteField.MulOptions.activation: .integer(Int8(TFLiteActivation.none.rawValue))])
    switch function {
    case .hardSigmoid:
      guard let steps = HardSigmoidSteps(input: input, output: output, runtime: runtime) else {
        return false
      }
      let sum = writer.add(steps.sum)
      writer.add(.add, version: 2, [source, writer.add(steps.three)], sum, Self.sum(.relu6))
      writer.add(.multiply, version: 2, [sum, writer.add(steps.sixth)], result, product)
    case .silu:
      guard let steps = SiLUSteps(input: input, output: output, runtime: runtime) else {
        return false
      }
      let gate = writer.add(steps.gate)
      writer.add(.logistic, version: 2, [source], gate)
      writer.add(.multiply, version: 2, [source, gate], result, product)
    default: return false
    }
    return true
  }
}

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
