internal import TFLiteSchema
internal import Tensors

/// Carries out what operators of a file do to constants, most of all the arithmetic on sizes that
/// converters write in front of RESHAPE: since every size is known, all of it is one.
///
/// A batch of unknown size stands in a file as 1.
struct TFLiteConstants {
  /// The file's, with what became constant.
  private(set) var tensors: [TFLiteTensor]
  /// Those that are left.
  private(set) var operators: [TFLiteOperator] = []

  /// The most numbers that one of these operators makes of sizes: a file of a few bytes must not grow
  /// without bound.
  private static let largest = 256

  init(_ tensors: [TFLiteTensor], _ operators: [TFLiteOperator]) {
    self.tensors = tensors
    for operation in operators where !carryOut(operation) {
      self.operators.append(operation)
      if let output = operation.outputs.first, tensors.indices.contains(output),
        !tensors[output].openAxes.isEmpty, let sizes = operation.closedSizes(self.tensors)
      {
        self.tensors[output] = tensors[output].sized(sizes)
      }
    }
  }

  /// Whether `operation` made a constant. What it cannot read stays for whoever names the error.
  private mutating func carryOut(_ operation: TFLiteOperator) -> Bool {
    guard operation.outputs.count == 1, let output = operation.outputs.first,
      tensors.indices.contains(output), !tensors[output].isConstant,
      operation.inputs.compactMap(\.self).allSatisfy(tensors.indices.contains)
    else { return false }
    if operation.kind == "DEQUANTIZE" { return dequantize(operation, to: output) }
    if operation.kind == "ZEROS_LIKE", tensors[output].typeCode == TFLiteType.float32.rawValue {
      tensors[output] = tensors[output].holding([Float(0)], [1])
      return true
    }
    guard let values = try? sizes(operation, tensors[output]), values.numbers.count <= Self.largest,
      tensors[output].isInteger
    else { return false }
    tensors[output] = tensors[output].holding(values.numbers, values.dimensions)
    return true
  }

  /// Weights that are stored in 16 or 8 bits and computed with in 32.
  private mutating func dequantize(_ operation: TFLiteOperator, to output: Int) -> Bool {
    guard let input = operation.inputs.first ?? nil, tensors[input].isConstant,
      tensors[output].typeCode == TFLiteType.float32.rawValue,
      let values = try? tensors[input].floats()
    else { return false }
    tensors[output] = tensors[output].holding(values, tensors[input].dimensions)
    return true
  }

  private struct Sizes {
    var numbers: [Int]
    var dimensions: [Int]

    init(_ numbers: [Int], _ dimensions: [Int]? = nil) {
      self.numbers = numbers
      self.dimensions = dimensions ?? [numbers.count]
    }
  }

  /// What `operation` makes of constants; `nil` where it reads something else, or is another kind.
  private func sizes(
    _ operation: TFLiteOperator, _ output: TFLiteTensor
  ) throws -> Sizes? {
    func integers(_ position: Int) throws -> [Int]? {
      guard operation.inputs.indices.contains(position), let input = operation.inputs[position],
        tensors[input].isConstant
      else { return nil }
      return try tensors[input].integers()
    }
    func all() throws -> [[Int]]? {
      let found = try operation.inputs.indices.map(integers)
      return found.contains { $0 == nil } ? nil : found.compactMap(\.self)
    }
    if operation.kind == "SHAPE" {
      guard let input = operation.inputs.first ?? nil,
        let shape = try? tensors[input].shape()
      else { return nil }
      return Sizes(shape.dimensions)
    }
    guard let inputs = try all(), let first = inputs.first else { return nil }
    switch operation.kind {
    case "STRIDED_SLICE":
      return inputs.count == 4 ? try slice(operation, inputs) : nil
    case "SLICE":
      guard inputs.count == 3, inputs[1].count == 1, inputs[2].count == 1,
        (0...first.count).contains(inputs[1][0])
      else { return nil }
      let rest = first.dropFirst(inputs[1][0])
      return Sizes(Array(inputs[2][0] < 0 ? rest : rest.prefix(inputs[2][0])))
    case "PACK", "CONCATENATION":
      return Sizes(inputs.flatMap { $0 })
    case "GATHER":
      guard inputs.count == 2, inputs[1].allSatisfy(first.indices.contains),
        let indices = operation.inputs[1]
      else { return nil }
      return Sizes(inputs[1].map { first[$0] }, tensors[indices].dimensions)
    case "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "CAST": return Sizes(first, output.dimensions)
    case "REDUCE_PROD":
      var product = 1
      for size in first {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        product = next
      }
      return Sizes([product], output.dimensions)
    case "FILL":
      guard inputs.count == 2, inputs[1].count == 1, let count = countIfPossible(first),
        count <= Self.largest
      else { return nil }
      return Sizes([Int](repeating: inputs[1][0], count: count), first)
    default: return Self.arithmetic(operation.kind, inputs)
    }
  }

  /// Number by number; one number meets every other.
  private static func arithmetic(_ kind: String, _ inputs: [[Int]]) -> Sizes? {
    guard inputs.count == 2 else { return nil }
    let (a, b) = (inputs[0], inputs[1])
    let count = max(a.count, b.count)
    guard !a.isEmpty, !b.isEmpty, [1, count].contains(a.count), [1, count].contains(b.count) else {
      return nil
    }
    var results: [Int] = []
    for index in 0..<count {
      let (x, y) = (a[a.count == 1 ? 0 : index], b[b.count == 1 ? 0 : index])
      let (result, overflow): (Int, Bool)
      switch kind {
      case "ADD": (result, overflow) = x.addingReportingOverflow(y)
      case "SUB": (result, overflow) = x.subtractingReportingOverflow(y)
      case "MUL": (result, overflow) = x.multipliedReportingOverflow(by: y)
      case "FLOOR_DIV" where y > 0 && x >= 0, "DIV" where y > 0 && x >= 0:
        (result, overflow) = (x / y, false)
      case "FLOOR_MOD" where y > 0 && x >= 0: (result, overflow) = (x % y, false)
      case "MAXIMUM": (result, overflow) = (max(x, y), false)
      case "MINIMUM": (result, overflow) = (min(x, y), false)
      default: return nil
      }
      guard !overflow else { return nil }
      results.append(result)
    }
    return Sizes(results)
  }

  /// STRIDED_SLICE of a vector.
  ///
  /// Source: TensorFlow Lite `kernels/internal/strided_slice_logic.h`.
  private func slice(_ operation: TFLiteOperator, _ inputs: [[Int]]) throws -> Sizes? {
    typealias Options = TFLiteField.StridedSliceOptions
    let (values, begin, end, stride) = (inputs[0], inputs[1], inputs[2], inputs[3])
    guard begin.count == 1, end.count == 1, stride == [1],
      try operation.integer(Options.ellipsis, default: Int32(0)) == 0,
      try operation.integer(Options.newAxis, default: Int32(0)) == 0
    else { return nil }
    func place(_ bound: Int) -> Int {
      min(max(bound < 0 ? bound + values.count : bound, 0), values.count)
    }
    let start =
      try operation.integer(Options.begin, default: Int32(0)) & 1 != 0 ? 0 : place(begin[0])
    if try operation.integer(Options.shrinkAxis, default: Int32(0)) & 1 != 0 {
      return values.indices.contains(start) ? Sizes([values[start]], []) : nil
    }
    let stop =
      try operation.integer(Options.end, default: Int32(0)) & 1 != 0
      ? values.count : place(end[0])
    return Sizes(start < stop ? Array(values[start..<stop]) : [])
  }
}
