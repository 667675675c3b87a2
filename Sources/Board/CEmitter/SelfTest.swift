package import BoardKernels

/// An input and the exact output that firmware must give for it.
package struct SelfTest: Hashable, Sendable {
  /// The codes of the input tensor.
  package var input: [Int8]
  /// The codes of the output tensor.
  package var output: [Int8]

  /// A self-test by its parts.
  package init(input: [Int8], output: [Int8]) {
    self.input = input
    self.output = output
  }
}

/// What the rows of a layer table have written for an input, as a running checksum after each: FNV-1a
/// of 32 bits over all bytes that rows have written so far, without those of rows that fill a tensor
/// with others. Twin: `checksum_of` in `main.c`.
package typealias RowTracer = (_ schedule: BoardSchedule, _ input: [Int8]) -> [UInt32]
