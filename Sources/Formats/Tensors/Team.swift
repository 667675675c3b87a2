internal import Dispatch

/// Threads that share tasks. What a task does depends on its number alone and never on which thread
/// does it, so any number of threads gives the same bytes.
package struct Team: Sendable {
  /// One thread, the caller's.
  package static let one = Team(threads: 1)

  /// At least 1.
  package let threads: Int

  package init(threads: Int) {
    precondition(threads > 0, "\(threads) threads")
    self.threads = threads
  }

  /// Does tasks `0 ..< count` and returns when all are done. `body` gets a task's number and that of
  /// its thread, in `0 ..< threads`, whose scratch memory it may use.
  package func run(_ count: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for task in 0..<count { body(task, 0) }
      return
    }
    // Called to its end before this function returns.
    withoutActuallyEscaping(body) { body in
      let shared = SharedBody(body)
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        for task in stride(from: worker, to: count, by: workers) { shared.body(task, worker) }
      }
    }
  }

  /// The results of tasks `0 ..< count`, in their order.
  package func map<Result>(_ count: Int, _ body: (_ task: Int) -> Result) -> [Result] {
    map(count, with: ()) { task, _ in body(task) }
  }

  /// As `map`, with something that each thread makes once for its tasks, such as an arena.
  package func map<Own: ~Copyable, Result>(
    _ count: Int, with own: @autoclosure () -> Own, _ body: (_ task: Int, inout Own) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { results, initialized in
      guard let start = results.baseAddress else { return }
      let workers = min(threads, count)
      run(workers) { worker, _ in
        var own = own()
        for task in stride(from: worker, to: count, by: workers) {
          (start + task).initialize(to: body(task, &own))
        }
      }
      initialized = count
    }
  }

  private struct SharedBody: @unchecked Sendable {
    let body: (Int, Int) -> Void
    init(_ body: @escaping (Int, Int) -> Void) { self.body = body }
  }
}
