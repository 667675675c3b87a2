internal import QuantizedIR

/// An operation that kernels refer to.
final class PlainOperation: Sendable {
  let operation: Operation

  init(_ operation: Operation) { self.operation = operation }
}
