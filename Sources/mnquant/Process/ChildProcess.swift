internal import Files
internal import FoundationEssentials
private import Glibc
internal import Pipeline
private import Synchronization

/// A program that is run to its end, with all that it starts in its turn.
enum ChildProcess {
  /// What it left.
  struct Outcome {
    /// 128 and the signal's number where a signal ended it.
    let status: Int32
    /// Standard output and error in one.
    let output: String
  }

  /// The process group that runs; 0 for none. There is one at a time.
  private static let running = Atomic<Int32>(0)
  /// Whether this process has been told to stop.
  private static let isStopping = Atomic<Bool>(false)

  /// Runs `command`, whose program is looked for as a shell does, without input.
  ///
  /// - Throws: `Failure` where it cannot be started.
  static func run(_ command: [String]) throws -> Outcome {
    let ends = try pipe()
    defer { close(ends.reading) }
    let process: pid_t
    do {
      defer { close(ends.writing) }
      process = try spawn(command, output: ends.writing)
      running.store(process, ordering: .sequentiallyConsistent)
    }
    if isStopping.load(ordering: .sequentiallyConsistent) { kill(-process, SIGKILL) }
    let output = readAll(ends.reading)
    // As of a program that failed, where nobody can tell.
    var status: Int32 = 1 << 8
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    running.store(0, ordering: .sequentiallyConsistent)
    // Another thread ends this process, and nobody is to hear of a program that failed.
    while isStopping.load(ordering: .sequentiallyConsistent) { pause() }
    let signal = status & 0x7F
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: String(decoding: output, as: UTF8.self))
  }

  /// The two ends of a pipe, which no program that is started has of itself.
  ///
  /// - Throws: `Failure`.
  static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw Failure("no pipe can be opened: \(SystemError.words(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Ends what runs, first with the request to stop; what started it does not go on.
  static func endAll() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    let group = running.load(ordering: .sequentiallyConsistent)
    guard group > 1 else { return }
    kill(-group, SIGTERM)
    // What make has begun it removes when it is told to stop.
    var waits = 0
    while waits < mostWaits, kill(-group, 0) == 0 {
      usleep(10_000)
      waits += 1
    }
    kill(-group, SIGKILL)
  }

  /// Hundredths of a second between the request to stop and the end.
  private static let mostWaits = 100

  private static func spawn(_ command: [String], output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that it can be ended with all that it starts; signals as they were.
    var (none, usual) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&usual)
    for signal in [SIGPIPE, SIGXFSZ] { sigaddset(&usual, signal) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments = command.map { strdup($0) } + [nil]
    var environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, command[0], &actions, &attributes, &arguments, &environment)
    guard code == 0 else { throw failure(command, code) }
    return process
  }

  private static func readAll(_ descriptor: Int32) -> [UInt8] {
    var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 { all += buffer[..<count] } else if count == 0 || errno != EINTR { return all }
    }
  }

  private static func failure(_ command: [String], _ code: Int32) -> Failure {
    Failure("\(command[0]): cannot be started: \(SystemError.words(code))")
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
