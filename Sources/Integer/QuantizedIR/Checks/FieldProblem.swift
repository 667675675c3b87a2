internal import Tensors

/// A field of a model file that contradicts the rest or leaves what kernels can index: which, what
/// it may be, and what it is.
package struct FieldProblem: Error, Hashable, CustomStringConvertible {
  let field: String
  let expected: String
  let found: String

  /// `has stride.height 0; expected 1 ... 16777216`.
  package var description: String { "has \(field) \(found); expected \(expected)" }
}

/// What sizes may be at most, so that every index and every product of sizes that a kernel, an
/// engine or an exporter computes is right: C kernels index with 32 bits, of which the largest sum,
/// an image with all padding, takes 26.
enum FieldLimit {
  /// Of an axis of a tensor, of a kernel, a stride, a dilation.
  static let size = 1...1 << 24
  /// Rows or columns beside an image, on either side.
  static let padding = 0...1 << 16
  /// Of a picture, in pixels.
  static let side = 1...1 << 15
  /// Values of a tensor.
  static let count = 1...1 << 30
}

extension FieldProblem {
  /// - Throws: Unless `value` is in `range`.
  static func require<Value: BinaryInteger>(
    _ value: Value, _ field: String, in range: ClosedRange<Value>
  ) throws(FieldProblem) {
    guard range.contains(value) else {
      throw FieldProblem(
        field: field, expected: "\(range.lowerBound) ... \(range.upperBound)", found: "\(value)")
    }
  }

  /// - Throws: Unless `value` is `expected`.
  static func require<Value: Equatable>(
    _ value: Value, _ field: String, is expected: Value
  ) throws(FieldProblem) {
    guard value == expected else {
      throw FieldProblem(field: field, expected: "\(expected)", found: "\(value)")
    }
  }

  /// - Throws: Unless both sides are in `range`.
  static func require(
    _ extent: Extent, _ field: String, in range: ClosedRange<Int>
  ) throws(FieldProblem) {
    try require(extent.height, field + ".height", in: range)
    try require(extent.width, field + ".width", in: range)
  }

  /// The product of `factors`, none of which is negative.
  ///
  /// - Throws: Where it is more than a tensor holds.
  static func product(_ factors: [Int], _ field: String) throws(FieldProblem) -> Int {
    var product = 1
    for factor in factors {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      guard !overflows, next <= FieldLimit.count.upperBound else {
        throw FieldProblem(
          field: field, expected: "\(FieldLimit.count.upperBound) values at most",
          found: factors.map(String.init).joined(separator: " x "))
      }
      product = next
    }
    return product
  }
}

extension FieldProblem {
  /// - Throws: Unless `found` is the factor that the scales give. A thousandth is more than any
  ///   runtime's rounding of factors, and factors too small for 31 bits are nothing.
  static func require(
    _ found: Double, _ field: String, isFactor expected: Double
  ) throws(FieldProblem) {
    guard abs(found - expected) <= expected / 1000 || max(found, expected) < 0x1p-31 else {
      throw FieldProblem(
        field: field, expected: "\(expected), as the scales have it", found: "\(found)")
    }
  }

  /// - Throws: Unless each of `inputs` has the scale and the zero point of `output`.
  static func requireSameCodes(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) throws(FieldProblem) {
    for input in inputs {
      try require(output.zeroPoint, "'\(output.name)' with a zero point of", is: input.zeroPoint)
      try require(output.scale, "'\(output.name)' with a scale of", isFactor: input.scale)
    }
  }

  /// - Throws: Unless the codes of a clamp are among those of `width`.
  static func require(
    clamp: ClosedRange<Int32>, within width: CodeWidth
  ) throws(FieldProblem) {
    try require(clamp.lowerBound, "clamp.0", in: width.codes)
    try require(clamp.upperBound, "clamp.1", in: width.codes)
  }
}
