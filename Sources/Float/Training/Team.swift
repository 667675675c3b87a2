internal import Dispatch

/// Threads that share tasks. What a task does depends on its number alone and never on which thread
/// does it, so any number of threads gives the same bytes.
package struct Team: Sendable {
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

  private struct SharedBody: @unchecked Sendable {
    let body: (Int, Int) -> Void
    init(_ body: @escaping (Int, Int) -> Void) { self.body = body }
  }
}

/// A batch cut into parts of images over which sums are taken one by one, and folded in order.
struct Parts {
  let images: Int
  /// Of a part; the last one may have fewer.
  private let length: Int
  let count: Int

  /// Whatever the number of threads; more parts than this would only cost memory.
  static let most = 8

  init(_ images: Int) {
    self.images = images
    length = (images + Self.most - 1) / Self.most
    count = (images + length - 1) / length
  }

  subscript(part: Int) -> Range<Int> { part * length..<min(images, (part + 1) * length) }
}
