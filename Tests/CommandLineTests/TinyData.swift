import Datasets
import Foundation
import TestSupport

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
