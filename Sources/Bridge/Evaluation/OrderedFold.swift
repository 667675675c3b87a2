/// Maps parts of `0 ..< count` on `threads` tasks and folds the results in order of the parts, so
/// that the outcome does not depend on the number of threads.
///
/// At most a few parts wait at a time: memory does not grow with `count`.
///
/// - Parameters:
///   - partLength: How many indices a part holds; the last may hold fewer.
///   - fold: Called on one task, with each part's result and the indices done so far.
package func orderedFold<Partial: Sendable>(
  count: Int, partLength: Int, threads: Int,
  map: @escaping @Sendable (Range<Int>) throws -> Partial, fold: (Partial, Int) -> Void
) async throws {
  let parts = (count + partLength - 1) / partLength
  func indices(_ part: Int) -> Range<Int> {
    part * partLength..<min((part + 1) * partLength, count)
  }
  try await withThrowingTaskGroup(of: (part: Int, result: Partial).self) { group in
    var waiting: [Int: Partial] = [:]
    var (started, folded, running) = (0, 0, 0)
    while folded < parts {
      while running < threads, started < min(parts, folded + 4 * threads) {
        let (part, range) = (started, indices(started))
        group.addTask { (part, try map(range)) }
        started += 1
        running += 1
      }
      guard let done = try await group.next() else { break }
      running -= 1
      waiting[done.part] = done.result
      while let next = waiting.removeValue(forKey: folded) {
        fold(next, indices(folded).upperBound)
        folded += 1
      }
    }
  }
}
