private import Glibc
internal import Pipeline

/// Standard input, output and error, as they were when the process started.
enum StandardStreams {
  /// Whether nobody gave the process a standard output.
  nonisolated(unsafe) private static var outputIsClosed = false

  /// Takes the places of closed streams, so that no file that is opened later gets them, and lets
  /// writing fail where it would otherwise end the process. To be called first.
  static func prepare() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      if descriptor == STDOUT_FILENO { outputIsClosed = true }
      // The lowest number that is free.
      _ = open("/dev/null", O_RDWR)
    }
    // A reader that has gone, and a limit of file sizes: errors like others.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes all of `text` to `descriptor`; where that fails, the reason as a value of `errno`.
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    if descriptor == STDOUT_FILENO, outputIsClosed { return EBADF }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody made the terminal or pipe one that does not wait.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}

extension ChildProcess {
  /// Runs programs for the pipeline, so that they end when this process is told to stop.
  static let runner: ProgramRunner = { command throws(PipelineError) in
    do {
      let outcome = try run(command)
      return (outcome.status, outcome.output)
    } catch {
      throw .firmware(.notStarted(sentence: "\(error)"))
    }
  }
}
