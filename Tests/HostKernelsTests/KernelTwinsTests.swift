import Foundation
import TestSupport
import Testing

/// Every kernel against plain loops and its scalar twin, over all channels 1 ... 72 and widths
/// 1 ... 20, between guard pages and between AddressSanitizer's red zones: the program in `Twins`,
/// built for this processor and for AArch64, which runs under emulation.
///
/// `twins 126`, built by hand with the flags below, goes over the whole space in minutes.
struct KernelTwinsTests {
  /// A compiler with its flags, and what runs its programs.
  private struct Machine {
    var compiler: String
    var flags: [String]
    var emulator: [String] = []
    /// Endings of sources whose kernels it does not run: compiled without `flags`.
    var idle: [String] = []

    var isThere: Bool {
      ([compiler] + emulator.prefix(1)).allSatisfy(FileManager.default.isExecutableFile)
    }
  }

  /// The compiler that comes with Swift, as the package's kernels are compiled by it.
  private static let native: Machine = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let swift = folders.map { "\($0)/swift" }.first(where: FileManager.default.isExecutableFile)
    let folder = URL(filePath: swift ?? "/usr/bin/swift").resolvingSymlinksInPath()
      .deletingLastPathComponent()
    return Machine(compiler: folder.appending(path: "clang").path, flags: ["-O2"])
  }()

  private static let arm = Machine(
    compiler: "/usr/bin/aarch64-linux-gnu-gcc", flags: ["-O2", "-static"],
    emulator: ["/usr/bin/qemu-aarch64-static"])

  private static let words: Comment =
    "a compiler or emulator is missing; `make setup` installs them"

  /// Shapes of every kernel; those of a kernel that AArch64 has, too.
  private static let shapes = [
    "clamp_f32": 1441, "hard_sigmoid_f32": 1441, "hard_swish_f32": 1441, "add_f32": 1441,
    "scale_channels_f32": 1441, "mean_f32": 1441, "range_f32": 1441, "add_signal": 1441,
    "lookup_s8": 1512, "hard_swish_s8": 1512, "add_s8": 1512, "scale_channels_s8": 1512,
    "sum_channels_s8 and mean_s8": 1512, "gemm_s8": 3024, "gemm_f32": 3024,
    "add_products_f32": 1440, "add_channel_products_f32": 1440, "depthwise_f32": 1440,
    "conv2d_f32": 2880, "depthwise_s8": 1440,
    "curve_s8": 1919,
    "conv2d_s8": 2880,
  ]
  private static let armShapes = [
    "lookup_s8": 1512, "gemm_s8": 1458, "gemm_f32": 1458, "conv2d_f32": 1440,
    "depthwise_s8": 1440, "conv2d_s8": 1440,
  ]

  /// Families of kernels but the widest, and what a processor must have for each.
  private static let families = [
    "scalar": [], "avx2": ["avx2", "fma"], "avxvnni": ["avx2", "fma", "avx_vnni"],
  ]

  /// The processor's features as Linux names them.
  private static let features: Set<Substring> = {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("flags") }
    return Set(line?.split(separator: " ") ?? [])
  }()

  /// The processor's widest kernels, and each family below them, by one program.
  @Test(.enabled(if: native.isThere, words))
  func twinsAgreeBetweenGuardPages() throws {
    try withProgram(for: Self.native) { program in
      let widest = try output(of: Self.native, program)
      #expect(counts(in: widest) == Self.shapes)
      for (family, needed) in Self.families where !widest.hasPrefix("\(family)\n") {
        guard needed.allSatisfy({ Self.features.contains(Substring($0)) }) else {
          print("this processor does not run \(family)")
          continue
        }
        let text = try output(of: limited(to: family), program)
        #expect(text.hasPrefix("\(family)\n"))
        #expect(counts(in: text) == Self.shapes)
      }
      if Self.features.contains("avx512_vnni") {
        let text = try output(of: limited(to: "avx512"), program, ["1", "20"])
        #expect(text.hasPrefix("avx512 with vnni\n"))
      }
    }
  }

  /// Runs programs without wider instructions than those of `family`.
  private func limited(to family: String) -> Machine {
    var machine = Self.native
    machine.emulator = ["/usr/bin/env", "MNQUANT_CPU=\(family)"]
    return machine
  }

  /// Kernels that this processor does not run get no red zones: these take the compiler a minute.
  @Test(.enabled(if: native.isThere, words))
  func twinsAgreeBetweenRedZones() throws {
    var machine = Self.native
    machine.flags = ["-O1", "-gline-tables-only", "-fsanitize=address"]
    if !Self.features.contains("avx512f") { machine.idle.append("_avx512.c") }
    if !Self.features.contains("avx_vnni") { machine.idle.append("_avxvnni.c") }
    #expect(try run(machine) == Self.shapes)
  }

  @Test(.enabled(if: arm.isThere, words))
  func armTwinsAgreeBetweenGuardPages() throws {
    #expect(try run(Self.arm) == Self.armShapes)
  }

  /// An eighth of the widths of every number of channels: emulated, red zones take their time.
  @Test(.enabled(if: arm.isThere, words))
  func armTwinsAgreeBetweenRedZones() throws {
    var machine = Self.arm
    machine.flags = ["-O2", "-g", "-fsanitize=address"]
    machine.emulator += ["-L", "/usr/aarch64-linux-gnu"]
    let shapes = try run(machine, ["1", "8"])
    #expect(shapes == Self.armShapes.mapValues { $0 > 1440 ? $0 - 1440 + 180 : 180 })
  }

  /// Builds the program for `machine` and runs it. Returns how many shapes of each kernel it tried.
  private func run(_ machine: Machine, _ arguments: [String] = []) throws -> [String: Int] {
    try withProgram(for: machine) { counts(in: try output(of: machine, $0, arguments)) }
  }

  private func counts(in text: String) -> [String: Int] {
    let counts = text.split(separator: "\n").compactMap { line -> (String, Int)? in
      let parts = line.split(separator: ": ")
      guard parts.count == 2, let count = parts[1].split(separator: " ").first.flatMap({ Int($0) })
      else { return nil }
      return (String(parts[0]), count)
    }
    return Dictionary(counts) { first, _ in first }
  }

  /// Builds the program for `machine` and calls `body` with it.
  private func withProgram<Result>(
    for machine: Machine, _ body: (URL) throws -> Result
  ) throws -> Result {
    let kernels = Locations.package.appending(path: "Sources/Kernels/HostKernels")
    let runtime = Locations.package.appending(path: "Sources/Board/CRuntime/include")
    let folders =
      ["Float", "Integer", "Shared"].map { kernels.appending(path: $0) }
      + [Locations.tests.appending(path: "HostKernelsTests/Twins")]
    let sources = try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }.map(\.path).filter { $0.hasSuffix(".c") }.sorted()
    let idle = sources.filter { source in machine.idle.contains(where: source.hasSuffix) }
    let compiler =
      [machine.compiler, "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
      + ["-I", kernels.appending(path: "include").path, "-I", runtime.path]
    return try withTemporaryFolder { folder in
      var inputs = sources.filter { !idle.contains($0) }
      if !idle.isEmpty {
        _ = try output(of: compiler + ["-O1", "-c"] + idle, in: folder)
        inputs += idle.map { String(URL(filePath: $0).lastPathComponent.dropLast()) + "o" }
      }
      _ = try output(of: compiler + machine.flags + ["-o", "twins"] + inputs + ["-lm"], in: folder)
      return try body(folder.appending(path: "twins"))
    }
  }

  /// Runs the program. Returns what it printed: the family of kernels, then how many shapes of each it
  /// tried.
  private func output(
    of machine: Machine, _ program: URL, _ arguments: [String] = []
  ) throws -> String {
    let text = try output(
      of: machine.emulator + [program.path] + arguments, in: program.deletingLastPathComponent())
    print("\(machine.flags.joined(separator: " ")) \(machine.emulator.last ?? "")\n\(text)")
    return text
  }

  private func output(of command: [String], in folder: URL) throws -> String {
    let run = try Program.run(command, in: folder)
    #expect(run.status == 0, "\(run.output)")
    return run.output
  }
}
