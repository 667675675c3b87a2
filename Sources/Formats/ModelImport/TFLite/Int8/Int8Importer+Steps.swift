internal import FixedPoint
private import Glibc
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// Operators that take several layers.
extension Int8Importer {
  /// A tensor with the channels of each group of `input` as often as the weights of `node` need
  /// them, side by side; see `Int8Node.weightParts`.
  ///
  /// - Parameter rows: Of a matrix; `nil` for an image, which keeps its axes.
  mutating func repeated(
    _ input: Int, _ node: Int8Node, rows: Int?, groups: Int
  ) throws(NodeProblem) -> Int {
    let times = 1 + (try node.weightParts().count)
    guard times > 1 else { return input }
    let source = tensors[input]
    let channels = rows.map { source.shape.count / $0 } ?? source.shape.channels
    let sizes = rows.map { [$0] } ?? source.shape.dimensions.dropLast()
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/repeated"),
        shape: Shape(sizes + [channels * times]),
        scale: source.scale, zeroPoint: source.zeroPoint))
    for part in 0..<times {
      let copy = Copy.repeated(
        pixels: source.shape.count / channels, channels: channels, groups: groups, times: times,
        part: part)
      layers.append(
        Layer(
          name: "\(node.output.name)/repeated/\(part)", operation: .copy(copy), inputs: [input],
          output: tensors.count - 1))
    }
    return tensors.count - 1
  }

  /// SUB: the sum of the first operand and of the negative of the second, both with their own scales.
  mutating func addDifference(
    _ node: Int8Node, _ inputs: [Int], _ output: Int
  ) throws(NodeProblem) {
    let second = negative(of: inputs[1], as: node.output.name)
    var sum = node
    sum.operands = [tensors[inputs[0]], tensors[second]]
    layers.append(
      Layer(
        name: node.output.name, operation: .add(try Add(sum)), inputs: [inputs[0], second],
        output: output))
  }

  /// REDUCE_MIN: the negative of the greatest negative.
  mutating func addMinimum(_ node: Int8Node, _ input: Int, _ output: Int) throws(NodeProblem) {
    let pool = try Pool(greatest: node)
    let negatives = negative(of: input, as: node.output.name)
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/greatest"), shape: node.output.shape,
        scale: node.output.scale, zeroPoint: tensors[negatives].zeroPoint))
    let greatest = tensors.count - 1
    layers.append(
      Layer(
        name: "\(node.output.name)/greatest", operation: .pool(pool), inputs: [negatives],
        output: greatest))
    layers.append(
      Layer(
        name: node.output.name, operation: .lookup(.negation(node.output.shape.count)),
        inputs: [greatest], output: output))
  }

  /// SUM: the mean at another scale, whose codes go through.
  mutating func addSum(_ node: Int8Node, _ input: Int, _ output: Int) throws(NodeProblem) {
    let (mean, scale) = try Mean.sum(node)
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/mean"), shape: node.output.shape, scale: scale,
        zeroPoint: node.output.zeroPoint))
    let means = tensors.count - 1
    layers.append(
      Layer(
        name: "\(node.output.name)/mean", operation: .mean(mean), inputs: [input], output: means))
    let same = Lookup(
      function: nil, count: node.output.shape.count, table: LookupTable { $0 })
    layers.append(
      Layer(name: node.output.name, operation: .lookup(same), inputs: [means], output: output))
  }

  /// The tensor of the negatives of `input`: code `q` becomes `-1 - q` and so does the zero point,
  /// which every code can.
  private mutating func negative(of input: Int, as name: String) -> Int {
    let source = tensors[input]
    let label = "\(name)/negative"
    tensors.append(
      QuantizedTensor(
        name: names.unique(label), shape: source.shape, scale: source.scale,
        zeroPoint: -1 - source.zeroPoint,
        constant: source.constant.map { Constants($0.values.map { -1 - $0 }) }))
    if source.constant == nil {
      layers.append(
        Layer(
          name: label, operation: .lookup(.negation(source.shape.count)), inputs: [input],
          output: tensors.count - 1))
    }
    return tensors.count - 1
  }
}

extension Lookup {
  /// Code `q` becomes `-1 - q`.
  fileprivate static func negation(_ count: Int) -> Lookup {
    Lookup(function: nil, count: count, table: LookupTable { -1 - $0 })
  }
}

/// A function of the codes of one tensor, in real numbers: what a file computes in float between
/// DEQUANTIZE and QUANTIZE, as converters leave operators that have no int8 kernel. QUANTIZE makes it a
/// table.
struct CodeFunction {
  /// The tensor of the model whose codes it is of.
  let source: Int
  /// The value at each code, from -128 on; not a number where the function has none.
  let values: [Float]

  /// What the codes themselves stand for.
  init(_ tensor: QuantizedTensor, _ source: Int) {
    self.source = source
    values = (-128...127).map { Float(tensor.scale * Double($0 - tensor.zeroPoint)) }
  }

  private init(_ source: Int, _ values: [Float]) {
    self.source = source
    self.values = values
  }

  /// `function` of each value.
  func map(_ function: (Float) -> Float) -> CodeFunction {
    CodeFunction(source, values.map(function))
  }

  /// `function` of both values at each code.
  func combined(
    _ other: CodeFunction, _ function: (Float, Float) -> Float
  ) -> CodeFunction {
    CodeFunction(source, zip(values, other.values).map(function))
  }

  /// The nearest codes of `output`, ties away from 0; that of 0 where there is no value.
  ///
  /// Source: TensorFlow Lite `kernels/internal/reference/quantize.h`, `AffineQuantize`.
  func table(_ output: QuantizedTensor) -> LookupTable {
    LookupTable { code in
      let steps = (values[Int(code) + 128] / Float(output.scale))
        .rounded(.toNearestOrAwayFromZero)
      let whole = steps.isNaN ? 0 : Int32(min(max(steps, -512), 512))
      return Int8(clamping: whole + output.zeroPoint)
    }
  }
}

extension TFLiteFile {
  /// Whether tensor `index` is real numbers.
  func isReal(_ index: Int) -> Bool {
    tensors[index].typeCode == TFLiteType.float32.rawValue
  }
}

extension Int8Importer {
  /// Adds the layer that makes codes of `function`, those of tensor `output` of the model.
  mutating func addTable(_ function: CodeFunction, _ output: Int) throws(NodeProblem) -> Int {
    let (source, result) = (tensors[function.source], tensors[output])
    guard source.shape.count == result.shape.count else {
      throw .outputShape(found: result.shape.dimensions, expected: source.shape.dimensions)
    }
    let table = Lookup(
      function: nil, count: result.shape.count, table: function.table(result))
    layers.append(
      Layer(
        name: result.name, operation: .lookup(table), inputs: [function.source], output: output))
    return output
  }

  /// The function that `operation` computes in real numbers of one tensor's codes; `nil` where it is
  /// no such operator.
  func codeFunction(_ operation: TFLiteOperator) throws(NodeProblem) -> CodeFunction? {
    guard operation.outputs.count == 1, let output = operation.outputs.first, file.isReal(output),
      !file.outputs.contains(output), let code = operation.code, let first = operation.inputs.first
    else { return nil }
    if code == .dequantize {
      guard let source = first.flatMap({ known[$0] }), tensors[source].constant == nil else {
        return nil
      }
      return CodeFunction(tensors[source], source)
    }
    if let pair = Self.pair(code) {
      guard operation.inputs.count == 2, let result = try combined(operation, pair.function) else {
        return nil
      }
      guard let option = pair.activation,
        let activation = try TFLiteActivation(operation, option: option).function
      else { return result }
      return result.map { Float(activation(Double($0))) }
    }
    guard let input = first.flatMap({ functions[$0] }) else { return nil }
    if code == .neg { return input.map { -$0 } }
    guard code != .quantize, let function = try? operation.function() else { return nil }
    return input.map { Float(function(Double($0))) }
  }
}

extension Int8Importer {
  /// An operator of two values, and where its options say which activation follows.
  private typealias Pair = (function: (Float, Float) -> Float, activation: Int?)

  private static func pair(_ code: BuiltinOperator) -> Pair? {
    switch code {
    case .add: ({ $0 + $1 }, TFLiteField.AddOptions.activation)
    case .subtract: ({ $0 - $1 }, TFLiteField.AddOptions.activation)
    case .multiply: ({ $0 * $1 }, TFLiteField.MulOptions.activation)
    case .divide: ({ $0 / $1 }, TFLiteField.MulOptions.activation)
    case .maximum: ({ max($0, $1) }, nil)
    case .minimum: ({ min($0, $1) }, nil)
    case .squaredDifference: ({ ($0 - $1) * ($0 - $1) }, nil)
    case .power: ({ powf($0, $1) }, nil)
    default: nil
    }
  }

  /// The pair's function of two functions of one tensor, or of one and a number of the file.
  private func combined(
    _ operation: TFLiteOperator, _ pair: (Float, Float) -> Float
  ) throws(NodeProblem) -> CodeFunction? {
    guard let a = operation.inputs[0], let b = operation.inputs[1] else { return nil }
    switch (functions[a], functions[b]) {
    case (let a?, let b?): return a.source == b.source ? a.combined(b, pair) : nil
    case (let a?, nil):
      guard let number = try number(b) else { return nil }
      return a.map { pair($0, number) }
    case (nil, let b?):
      guard let number = try number(a) else { return nil }
      return b.map { pair(number, $0) }
    default: return nil
    }
  }

  /// The one value of a constant.
  private func number(_ index: Int) throws(NodeProblem) -> Float? {
    guard file.tensors[index].isConstant else { return nil }
    let values = try file.tensors[index].named { tensor throws(TensorProblem) in
      try tensor.floats()
    }
    return values.count == 1 ? values[0] : nil
  }
}
