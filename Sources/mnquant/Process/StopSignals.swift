internal import Dispatch
private import Files
private import Glibc
private import OutOfMemory

/// What happens when the process is stopped: Control-C, `kill`, a terminal that closes, or memory that
/// runs out.
enum StopSignals {
  /// Where the handler writes which signal came, for the thread that waits for it; 0 for memory.
  nonisolated(unsafe) private static var writingEnd: Int32 = -1

  /// From now on these end what was begun: child processes, unfinished files and folders, and
  /// the process, with the status that a shell gives to the signal. Those that are ignored stay
  /// ignored.
  ///
  /// - Throws: `Failure` where no thread or pipe is to be had.
  static func handle() throws {
    let ends = try ChildProcess.pipe()
    writingEnd = ends.writing
    // A handler may do next to nothing; a thread may do everything.
    try SystemThread.start {
      var number: UInt8 = 0
      while read(ends.reading, &number, 1) != 1 {}
      ChildProcess.endAll()
      Partial.abandonAll {
        guard number == 0 else { return 128 + Int32(number) }
        mnqm_say()
        return MNQM_STATUS
      }
    }
    mnqm_wake(ends.writing)
    var handled = sigset_t()
    sigemptyset(&handled)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(signal) {
      sigaddset(&handled, signal)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in
        let before = errno
        var number = UInt8(truncatingIfNeeded: signal)
        write(StopSignals.writingEnd, &number, 1)
        errno = before
      }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    // Programs that start this one from a worker thread hand down that thread's blocked signals.
    pthread_sigmask(SIG_UNBLOCK, &handled, nil)
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

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
    let gate = DispatchSemaphore(value: 0)
    var threads: [pthread_t] = []
    defer {
      for _ in threads { gate.signal() }
      for thread in threads { pthread_join(thread, nil) }
    }
    for _ in 0..<count {
      threads.append(
        try create { gate.wait() })
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
