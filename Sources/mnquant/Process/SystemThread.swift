internal import Foundation

/// Threads as the operating system gives them.
enum SystemThread {
  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Runs `body` on a new thread, for which nobody waits.
  ///
  /// - Throws: `Failure` where there is none to be had.
  static func start(_ body: @escaping @Sendable () -> Void) throws {
    let thread = try create(body)
    pthread_detach(thread)
  }

  /// Checks that `count` threads can run beside this one. Where they could not, Swift's own would
  /// try again and again, for ever.
  ///
  /// - Throws: `Failure`.
  static func check(_ count: Int) throws {
    // Held until all are there.
    let gate = NSLock()
    gate.lock()
    var threads: [pthread_t] = []
    defer {
      gate.unlock()
      for thread in threads { pthread_join(thread, nil) }
    }
    for _ in 0..<count {
      threads.append(
        try create {
          gate.lock()
          gate.unlock()
        })
    }
  }

  private static func create(_ body: @escaping @Sendable () -> Void) throws -> pthread_t {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw Failure(
        "no thread can be started: there are as many processes and threads as this user, or this "
          + "container, may have, or no memory for one more; end some, or raise the limit (ulimit -u, "
          + "ulimit -v)")
    }
    return thread
  }
}
