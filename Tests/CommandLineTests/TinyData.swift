import Datasets
import Foundation
import Synchronization
import TestSupport
import Testing

extension TemporaryFolder {
  /// Writes the first records of the built-in data set in CIFAR-10's binary layout.
  func writeTinyData(to path: String = "data", training: Int = 40, test: Int = 20) throws {
    let data = BuiltInDataset()
    let splits: [(BuiltInDataset.Split, String, Int)] = [
      (.training, "data_batch_1.bin", training), (.test, "test_batch.bin", test),
    ]
    for (split, file, count) in splits {
      let records = (0..<count).flatMap { data.record(index: $0, split: split) }
      try write(records, to: "\(path)/\(file)")
    }
    let names = BuiltInDataset.labels.joined(separator: "\n") + "\n"
    try write(Array(names.utf8), to: "\(path)/batches.meta.txt")
  }
}

/// What commands leave of the tiny data and the small bundled network, made once for all tests that
/// begin with it: by the default recipe it takes seconds.
enum Prepared {
  /// `data`, calibrated on.
  static let calibrated = Result {
    try make { folder in
      try folder.writeTinyData()
      return [["calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small"]]
    }
  }

  /// `calibrated`, quantized in the workspace and as `model.mnq`.
  static let quantized = Result {
    let folder = try make { folder in
      try folder.copy(try calibrated.get())
      return [["quantize"]]
    }
    try folder.write(try #require(folder.read(".mnquant/quantized.mnq")), to: "model.mnq")
    return folder
  }

  /// A folder that stays until the process ends, after the commands that `begin` gives.
  static func make(
    _ begin: (TemporaryFolder) throws -> [[String]]
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    folders.withLock { folders in
      if folders.isEmpty { atexit { Prepared.removeAll() } }
      folders.append(folder.url)
    }
    for arguments in try begin(folder) {
      let outcome = try Tool.run(arguments, in: folder.url)
      try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    }
    return folder
  }

  private static let folders = Mutex<[URL]>([])

  private static func removeAll() {
    for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(at: folder) }
  }
}

extension TemporaryFolder {
  /// A folder of one test that begins with what is prepared.
  convenience init(like prepared: Result<TemporaryFolder, any Error>) throws {
    try self.init()
    try copy(try prepared.get())
  }

  /// Puts here what lies in another folder.
  func copy(_ other: TemporaryFolder) throws {
    for name in other.names(in: ".") {
      try FileManager.default.copyItem(
        at: other.url.appending(path: name), to: url.appending(path: name))
    }
  }
}
