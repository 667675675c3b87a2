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

  /// Families of kernels but the widest, which runs anyway, and what a processor must have for each.
  private static let families = [
    "scalar": [], "avx2": ["avx2", "fma"], "avxvnni": ["avx2", "fma", "avx_vnni"],
  ]

  private static let features: Set<Substring> = {
    let info = (try? String(contentsOf: URL(filePath: "/proc/cpuinfo"), encoding: .utf8)) ?? ""
    let line = info.split(separator: "\n").first { $0.hasPrefix("flags") }
    return Set(line?.split(separator: " ") ?? [])
  }()

  private static func has(_ family: String) -> Bool {
    let needed = families[family] ?? []
    return native.isThere && needed.allSatisfy { features.contains(Substring($0)) }
  }

  /// The program for this processor, built once: it stays in the build folder.
  private static let program = Result {
    let folder = Locations.package.appending(path: ".build/twins")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try build(native, in: folder)
  }

  @Test(.enabled(if: native.isThere, words))
  func twinsAgreeBetweenGuardPages() throws {
    let text = try Self.output(of: Self.native, Self.program.get())
    #expect(Self.counts(in: text) == Self.shapes)
  }

  @Test(.enabled(if: native.isThere, words))
  func scalarTwinsAgreeBetweenGuardPages() throws {
    try expectAgreement(of: "scalar")
  }

  @Test(.enabled(if: has("avx2"), "this processor has no AVX2"))
  func twinsOfAVX2AgreeBetweenGuardPages() throws {
    try expectAgreement(of: "avx2")
  }

  @Test(.enabled(if: has("avxvnni"), "this processor has no VNNI in 256 bits"))
  func twinsOfAVXVNNIAgreeBetweenGuardPages() throws {
    try expectAgreement(of: "avxvnni")
  }

  /// The widest kernels ran above if this processor has them.
  @Test(
    .enabled(
      if: native.isThere && features.contains("avx512_vnni"),
      "this processor has no VNNI in 512 bits"))
  func widestTwinsHaveVNNI() throws {
    let text = try Self.output(of: limited(to: "avx512"), Self.program.get(), ["1", "20"])
    #expect(text.hasPrefix("avx512 with vnni\n"))
  }

  /// Runs the twins without wider instructions than those of `family`.
  private func expectAgreement(of family: String) throws {
    let text = try Self.output(of: limited(to: family), Self.program.get())
    #expect(text.hasPrefix("\(family)\n"))
    #expect(Self.counts(in: text) == Self.shapes)
  }

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
    try withTemporaryFolder { folder in
      let program = try Self.build(machine, in: folder)
      return Self.counts(in: try Self.output(of: machine, program, arguments))
    }
  }

  private static func counts(in text: String) -> [String: Int] {
    let counts = text.split(separator: "\n").compactMap { line -> (String, Int)? in
      let parts = line.split(separator: ": ")
      guard parts.count == 2, let count = parts[1].split(separator: " ").first.flatMap({ Int($0) })
      else { return nil }
      return (String(parts[0]), count)
    }
    return Dictionary(counts) { first, _ in first }
  }

  private static func build(_ machine: Machine, in folder: URL) throws -> URL {
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
    var inputs = sources.filter { !idle.contains($0) }
    if !idle.isEmpty {
      _ = try output(of: compiler + ["-O1", "-c"] + idle, in: folder)
      inputs += idle.map { String(URL(filePath: $0).lastPathComponent.dropLast()) + "o" }
    }
    _ = try output(of: compiler + machine.flags + ["-o", "twins"] + inputs + ["-lm"], in: folder)
    return folder.appending(path: "twins")
  }

  /// Runs the program. Returns what it printed: the family of kernels, then how many shapes of each it
  /// tried.
  private static func output(
    of machine: Machine, _ program: URL, _ arguments: [String] = []
  ) throws -> String {
    let text = try output(
      of: machine.emulator + [program.path] + arguments, in: program.deletingLastPathComponent())
    print("\(machine.flags.joined(separator: " ")) \(machine.emulator.last ?? "")\n\(text)")
    return text
  }

  private static func output(of command: [String], in folder: URL) throws -> String {
    let run = try Program.run(command, in: folder)
    #expect(run.status == 0, "\(run.output)")
    return run.output
  }
}
