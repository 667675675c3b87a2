internal import FlatBuffers
internal import TFLiteSchema
internal import Tensors

/// An operator as a TensorFlow Lite file describes it.
struct TFLiteOperator {
  /// As the schema spells it, or the custom operator's own name.
  private(set) var kind: String
  /// `nil` where it cannot be imported.
  private(set) var code: BuiltinOperator?
  /// Indices of the tensors read; `nil` where an optional one is left out.
  var inputs: [Int?]
  /// Indices of the tensors written.
  var outputs: [Int]
  /// Of a convolution that is one of a dilation's three operators in the file.
  var dilation: TFLiteDilation?
  private let options: FlatTable?

  private static let customCode = 32

  /// Decodes `table`, whose code is one of `codes`.
  init(_ table: FlatTable, codes: [FlatTable]) throws(ImportError) {
    let (index, inputs, outputs): (Int, [Int32], [Int32])
    do throws(FlatBufferError) {
      index = Int(try table.integer(TFLiteField.Operator.opcodeIndex, default: UInt32(0)))
      inputs = try table.integers(TFLiteField.Operator.inputs, as: Int32.self)
      outputs = try table.integers(TFLiteField.Operator.outputs, as: Int32.self)
      options = try table.table(TFLiteField.Operator.builtinOptions)
    } catch {
      throw .damaged(error)
    }
    guard codes.indices.contains(index) else {
      throw .damaged(
        offset: nil,
        problem: "an operator has code number \(index), and there are \(codes.count)")
    }
    (code, kind) = try Self.kind(codes[index])
    self.inputs = inputs.map { $0 == -1 ? nil : Int($0) }
    self.outputs = outputs.map(Int.init)
  }

  /// Old files have the code in a byte, new ones in a word with 127 in the byte.
  private static func kind(_ table: FlatTable) throws(ImportError) -> (BuiltinOperator?, String) {
    do throws(FlatBufferError) {
      let old = Int(
        try table.integer(TFLiteField.OperatorCode.deprecatedBuiltinCode, default: Int8(0)))
      let code = max(
        old, Int(try table.integer(TFLiteField.OperatorCode.builtinCode, default: Int32(0))))
      guard code == customCode else {
        return (BuiltinOperator(rawValue: code), BuiltinOperator.name(of: code))
      }
      return (
        nil,
        "custom operator \(try table.text(TFLiteField.OperatorCode.customCode, limit: 64) ?? "without a name")"
      )
    } catch {
      throw .damaged(error)
    }
  }

  /// The same operator as one that gives its values the sizes of its output, whatever it is told.
  var reshaping: TFLiteOperator {
    var operation = self
    (operation.kind, operation.code) = ("SQUEEZE", .squeeze)
    operation.inputs = Array(inputs.prefix(1))
    return operation
  }

  /// Option `number` of the operator, an integer.
  func integer<Value: FixedWidthInteger>(
    _ number: Int, default value: Value
  ) throws(NodeProblem) -> Int {
    try option { options throws(FlatBufferError) in
      Int(truncatingIfNeeded: try options?.integer(number, default: value) ?? value)
    }
  }

  /// Option `number` of the operator, a Boolean that is false by default.
  func flag(_ number: Int) throws(NodeProblem) -> Bool {
    try option { options throws(FlatBufferError) in try options?.flag(number) ?? false }
  }

  /// Option `number` of the operator, a real number that is 0 by default.
  func float(_ number: Int) throws(NodeProblem) -> Float {
    try option { options throws(FlatBufferError) in try options?.float(number) ?? 0 }
  }

  /// Option `number` of the operator, integers.
  func integers(_ number: Int) throws(NodeProblem) -> [Int] {
    try option { options throws(FlatBufferError) in
      try options?.integers(number, as: Int32.self).map(Int.init) ?? []
    }
  }

  private func option<Value>(
    _ read: (FlatTable?) throws(FlatBufferError) -> Value
  ) throws(NodeProblem) -> Value {
    do throws(FlatBufferError) {
      return try read(options)
    } catch {
      throw .damaged(offset: error.offset, problem: error.description)
    }
  }
}

extension ImportError {
  /// The same error in this module's terms.
  static func damaged(_ error: FlatBufferError) -> ImportError {
    .damaged(offset: error.offset, problem: error.description)
  }
}

extension TFLiteOperator {
  /// The sizes that RESHAPE gives to a tensor of `count` values, by its second input or, where there
  /// is none, by its option; `nil` where neither tells, so that only the output's own are known.
  ///
  /// Source: TensorFlow Lite `kernels/reshape.cc`, `GetOutputShape`.
  func newSizes(_ file: TFLiteFile, count: Int) throws(NodeProblem) -> [Int]? {
    var sizes: [Int]
    if inputs.count > 1, let number = inputs[1] {
      let tensor = file.tensors[number]
      // Sizes that nothing computes are a constant without a value.
      guard tensor.isConstant || tensor.dimensions == [0] else { throw .computed(tensor.name) }
      sizes =
        tensor.isConstant
        ? try tensor.named { tensor throws(TensorProblem) in try tensor.integers() } : []
    } else {
      sizes = try integers(TFLiteField.ReshapeOptions.newShape)
      guard !sizes.isEmpty, sizes != [0] else { return nil }
    }
    guard let free = sizes.firstIndex(of: -1) else { return sizes }
    sizes[free] = 1
    guard let others = countIfPossible(sizes), others > 0 else { return sizes }
    sizes[free] = count / others
    return sizes
  }

  /// Checks that `output`, the sizes that the file gives to a RESHAPE's output, are those that it
  /// gives to its input of `count` values.
  func checkNewSizes(
    _ file: TFLiteFile, count: Int, output: [Int]
  ) throws(NodeProblem) {
    guard let sizes = try newSizes(file, count: count), sizes != output else { return }
    throw .outputShape(found: output, expected: sizes)
  }
}

extension TFLiteOperator {
  /// The function of one value that the operator is.
  ///
  /// - Throws: `NodeProblem` for one of no such kind, and for parameters that are no numbers.
  func function() throws(NodeProblem) -> Activation {
    switch code {
    case .relu: return .relu
    case .relu6: return .relu6
    case .reluN1To1: return .reluN1To1
    case .relu0To1: return .relu0To1
    case .logistic: return .logistic
    case .hardSwish: return .hardSwish
    case .tanh: return .tanh
    case .elu: return .elu(1)
    case .gelu: return try flag(TFLiteField.GeluOptions.approximate) ? .geluTanh : .gelu
    case .leakyRelu:
      let alpha = try float(TFLiteField.LeakyReluOptions.alpha)
      guard alpha.isFinite else {
        throw .attribute("alpha", found: "\(alpha)", expected: "a finite number")
      }
      return .leakyRelu(alpha)
    case .abs: return .abs
    case .exp: return .exp
    case .sqrt: return .sqrt
    case .log: return .log
    case .rsqrt: return .power(-0.5)
    case .square: return .power(2)
    case .floor: return .floor
    case .ceil: return .ceil
    case .round: return .round
    case .sign: return .sign
    case .quantize: return .identity
    default: throw .unsupportedOperator(WayOut(tensorFlowLite: kind, isFloatModel: true))
    }
  }
}

extension TFLiteActivation {
  /// The function that follows an operator, `nil` for none.
  var function: Activation? {
    switch self {
    case .none: nil
    case .relu: .relu
    case .reluN1To1: .reluN1To1
    case .relu6: .relu6
    case .tanh: .tanh
    }
  }
}
