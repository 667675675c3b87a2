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
