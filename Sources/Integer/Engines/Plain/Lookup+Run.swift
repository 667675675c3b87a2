package import QuantizedIR

extension Lookup {
  /// Maps every value of `source` through the table.
  ///
  /// Twin: `mnq_lookup_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    precondition(source.count == count && destination.count == count)
    for index in 0..<count { destination[index] = table[Int(source[index]) + 128] }
  }
}
