private import Synchronization

/// Counts what several threads have done together.
final class Counter: Sendable {
  private let count = Atomic(0)

  /// The count with one more.
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
