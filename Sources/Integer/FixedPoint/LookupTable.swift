/// A function of one `Int8`, as its 256 values.
///
/// Every unary function of an int8 tensor (h-swish, h-sigmoid, a change of scale) is one of these,
/// so engine, emitter and C need a single kernel for all of them.
///
/// Twin: `mnq_lookup` in `CRuntime/portable/mnq_lookup.c`.
public struct LookupTable: Sendable {
  /// The value for input `q` is at `q + 128`.
  public let values: InlineArray<256, Int8>

  /// Tabulates `function` over `Int8.min ... Int8.max`.
  @inlinable
  public init(_ function: (Int8) -> Int8) {
    values = InlineArray { index in function(Int8(index - 128)) }
  }

  /// The value for `input`.
  @inlinable
  public subscript(input: Int8) -> Int8 { values[Int(input) + 128] }
}

extension LookupTable: Equatable {
  /// Whether all 256 values agree.
  public static func == (left: LookupTable, right: LookupTable) -> Bool {
    left.values.indices.allSatisfy { left.values[$0] == right.values[$0] }
  }
}
