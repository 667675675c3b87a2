import Foundation
import TestSupport
import Testing

/// A limit of memory, at every height at which a command begins to fail: it does its work, or says in
/// one sentence that it cannot.
@Suite struct OutOfMemoryTests {
  private let folder: TemporaryFolder
  private let before: Set<String>

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 8, test: 4)
    _ = try folder.run("calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small")
    let outcome = try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq")
    try #require(outcome.status == 0, "\(outcome.errors)")
    before = folder.names(in: ".")
  }

  /// `OUT` stands for what is written.
  private static let commands = [
    ["calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small", "--out", "OUT"],
    ["quantize", "--recipe", "minmax", "--out", "OUT"],
    ["emit-c", "--quantized", "model.mnq", "--out", "OUT"],
    ["export", "model.mnq", "--format", "onnx", "--out", "OUT.onnx"],
    ["compare", "--quantized", "model.mnq", "--data", "data"],
    ["bench", "model.mnq", "--seconds", "0.01"],
    ["summary", "cifar10-mobilenet-v1"],
  ]

  @Test(arguments: commands) func itIsSaid(_ command: [String]) throws {
    let arguments = command.map { $0.replacing("OUT", with: "new") }
    // Where there is too little for the program itself, the system's loader has the word.
    let floor = try bisect(from: 1 << 14, to: 1 << 21) { kilobytes in
      let outcome = try run(["--version"], kilobytes)
      return outcome.status == 0
    }
    var (shortages, lowest) = (0, floor)
    while lowest < floor * 3 {
      let outcome = try run(arguments, lowest)
      let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
      let label = "\(arguments) with \(lowest) KB: \(outcome.status), \(outcome.errors)"
      #expect(outcome.status == (errors.isEmpty ? 0 : 1) && errors.count <= 1, "\(label)")
      for word in ["Fatal", "crashed", "Backtrac"] {
        #expect(!outcome.errors.contains(word), "\(label)")
      }
      if let error = errors.first {
        let isMemory = error.contains("the memory does not suffice: ")
        #expect(isMemory || error.contains("no thread can be started"), "\(label)")
        if isMemory { shortages += 1 }
        #expect(folder.names(in: ".") == before, "\(label)")
      }
      #expect(!names().contains { $0.contains("partial") }, "\(label)")
      for name in folder.names(in: ".").subtracting(before) {
        try FileManager.default.removeItem(at: folder.url.appending(path: name))
      }
      lowest += max(1, errors.isEmpty ? floor : floor / 64)
    }
    #expect(shortages > 0, "no limit was short of memory alone")
  }

  private func names() -> [String] {
    FileManager.default.enumerator(atPath: folder.url.path)?.allObjects as? [String] ?? []
  }

  /// With small stacks: those of threads would take what the work takes later.
  private func run(_ arguments: [String], _ kilobytes: Int) throws -> Program.Outcome {
    try Tool.run(
      arguments, in: folder.url,
      through: ["/bin/sh", "-c", "ulimit -s 2048; ulimit -v \(kilobytes); exec \"$@\"", "sh"])
  }

  /// The least number that `works`, which `high` does.
  private func bisect(from low: Int, to high: Int, _ works: (Int) throws -> Bool) throws -> Int {
    var (low, high) = (low, high)
    while high - low > low / 64 {
      let middle = (low + high) / 2
      if try works(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
