import Foundation

// Under `-D FUZZING` libFuzzer has `main` and calls these; see CONTRIBUTING.md.
#if FUZZING
  /// The format, which the environment names: libFuzzer keeps the arguments for itself.
  private let format: FuzzFormat = {
    let name = ProcessInfo.processInfo.environment["FUZZ_FORMAT"] ?? ""
    guard let format = FuzzFormat(rawValue: name) else {
      fatalError(
        "FUZZ_FORMAT is '\(name)'; expected one of "
          + FuzzFormat.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return format
  }()

  /// The most seconds of a processor that an input may take. libFuzzer's own limit is of the clock,
  /// which also runs while other programs do.
  private let mostSeconds =
    Double(ProcessInfo.processInfo.environment["FUZZ_TIMEOUT"] ?? "") ?? 2

  /// Takes one input; libFuzzer wants 0.
  @_cdecl("LLVMFuzzerTestOneInput")
  public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let start = clock()
    format.check(Data(UnsafeBufferPointer(start: bytes, count: count)))
    let seconds = Double(clock() - start) / 1e6  // CLOCKS_PER_SEC, by POSIX
    guard seconds <= mostSeconds else { fatalError("an input took \(seconds) seconds") }
    return 0
  }

  @_silgen_name("LLVMFuzzerMutate")
  private func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

  /// Changes `count` bytes to at most `most` others, whose number it returns.
  @_cdecl("LLVMFuzzerCustomMutator")
  public func customMutator(
    _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: CUnsignedInt
  ) -> Int {
    let old = Array(UnsafeBufferPointer(start: bytes, count: count))
    let isText = [.mnq, .safetensors, .calibration, .sidecar, .board].contains(format)
    var changed: [UInt8]?
    if isText, seed % 4 != 0 {
      changed = Mutation.numberReplaced(old, seed: seed / 4)
    }
    if changed == nil {
      let length = mutate(bytes, count, most)
      guard format == .png, seed % 8 != 0 else { return length }
      changed = Mutation.checkSumsMended(
        Array(UnsafeBufferPointer(start: bytes, count: length)))
    }
    guard let changed, changed.count <= most else { return count }
    for (index, byte) in changed.enumerated() { bytes[index] = byte }
    return changed.count
  }
#else
  /// `fuzz FORMAT FILE…` takes files the whole way once, and `fuzz seeds FOLDER` writes what fuzzing
  /// begins with, a folder for each format.
  @main enum Fuzz {
    static func main() throws {
      let arguments = CommandLine.arguments.dropFirst()
      if arguments.first == "seeds", let folder = arguments.dropFirst().first {
        return try writeSeeds(folder)
      }
      guard let format = FuzzFormat(rawValue: arguments.first ?? "") else {
        print("usage: fuzz FORMAT FILE..., or fuzz seeds FOLDER")
        exit(64)
      }
      ModelCheck.takesAll = true
      defer { Scratch.remove() }
      for path in arguments.dropFirst() {
        try FileHandle.standardOutput.write(contentsOf: Data("\(path)\n".utf8))
        format.check(try Data(contentsOf: URL(filePath: path)))
      }
    }

    private static func writeSeeds(_ folder: String) throws {
      for format in FuzzFormat.allCases {
        let place = URL(filePath: folder).appending(path: format.rawValue)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let files = Seeds.files(format)
        precondition(!files.isEmpty, "no seeds for \(format.rawValue)")
        for (name, bytes) in files { try bytes.write(to: place.appending(path: name)) }
      }
    }
  }
#endif
