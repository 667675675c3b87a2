package import Foundation

/// Programs of this machine, and those that were built with the tests.
package enum Program {
  /// What a run left.
  package struct Outcome: Sendable {
    /// What the program ended with; minus the signal where one ended it.
    package let status: Int32
    /// All that it printed, or what it printed on stdout where errors are told apart.
    package let output: String
    /// What it printed on stderr, where that is told apart.
    package let errors: String
  }

  /// Whether the shell would find `name`.
  package static func exists(_ name: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  /// Whether there are the compilers and emulators of every board that QEMU stands in for.
  package static let crossToolsExist = [
    "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "qemu-system-arm", "qemu-system-riscv32",
  ].allSatisfy(exists)

  /// Why a test that needs them is skipped.
  package static let crossToolsAbsence =
    "cross-compilers and QEMU are missing; `make setup` installs them"

  /// Whether `cmake` can be run.
  package static let cmakeExists = exists("cmake") && exists("python3")

  /// Why a test that runs it is skipped.
  package static let cmakeAbsence = "cmake or python3 is missing; `.ci/setup test` installs them"

  /// Runs `cmake`, which waits for a signal that Foundation blocks in the programs that it starts.
  package static func cmake(_ arguments: [String], in folder: URL) throws -> Outcome {
    let unblock =
      "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); "
      + "os.execvp(sys.argv[1], sys.argv[1:])"
    return try run(["python3", "-c", unblock, "cmake"] + arguments, in: folder)
  }

  /// The program that was built beside the tests.
  package static func built(_ name: String) -> URL {
    URL(filePath: CommandLine.arguments[0])
      .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - command: The program, by its name or its whole path, and its arguments.
  ///   - environment: Variables beside this process's own.
  package static func run(
    _ command: [String], in folder: URL, environment: [String: String] = [:],
    tellsErrorsApart: Bool = false
  ) throws -> Outcome {
    // Files, because two pipes that are read one after the other can block the process.
    try withTemporaryFolder { streams in
      let (output, errors) = (streams.appending(path: "out"), streams.appending(path: "err"))
      let process = process(command, in: folder, environment: environment)
      let (printed, failed) = (try newFile(output), try newFile(errors))
      process.standardOutput = printed
      process.standardError = tellsErrorsApart ? failed : printed
      try process.run()
      process.waitUntilExit()
      let status = process.terminationStatus
      return Outcome(
        status: process.terminationReason == .exit ? status : -status,
        output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }

  /// An empty file, opened to write. `Data.write` would wait for the disk, thousands of times.
  private static func newFile(_ url: URL) throws -> FileHandle {
    let descriptor = open(url.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Starts a program that reads and prints nothing.
  package static func start(
    _ command: [String], in folder: URL, environment: [String: String] = [:]
  ) throws -> Process {
    let process = process(command, in: folder, environment: environment)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func process(
    _ command: [String], in folder: URL, environment: [String: String]
  ) -> Process {
    let process = Process()
    let isPath = command[0].hasPrefix("/")
    process.executableURL = URL(filePath: isPath ? command[0] : "/usr/bin/env")
    process.arguments = isPath ? Array(command.dropFirst()) : command
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // A make that runs the tests must not speak through the ones that they run.
    process.environment = ProcessInfo.processInfo.environment
      .filter { !["MAKEFLAGS", "MAKELEVEL", "MFLAGS"].contains($0.key) }
      .merging(environment) { $1 }
    return process
  }
}
