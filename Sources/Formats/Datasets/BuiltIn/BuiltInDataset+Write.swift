package import Files
private import Foundation

extension BuiltInDataset {
  /// Files of the training split, `data_batch_1.bin` and on, of equal length.
  private static let trainingFileCount = 5

  /// Writes the data set as CIFAR-10's binary version: `data_batch_1.bin` ... `data_batch_5.bin`
  /// (4,000 records each), `test_batch.bin` (5,000) and `batches.meta.txt`, one class a line.
  ///
  /// The folder is made if need be. `batches.meta.txt` comes last, so where it stands the data
  /// set is whole.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package func write(to folder: String) throws(FileError) {
    let recordCount = Split.training.count / Self.trainingFileCount
    for file in 0..<Self.trainingFileCount {
      let batch = records(in: file * recordCount..<(file + 1) * recordCount, of: .training)
      try AtomicFile.write(batch, to: "\(folder)/data_batch_\(file + 1).bin")
    }
    let test = records(in: 0..<Split.test.count, of: .test)
    try AtomicFile.write(test, to: "\(folder)/test_batch.bin")
    let names = Self.labels.map { $0 + "\n" }.joined()
    try AtomicFile.write(names, to: "\(folder)/batches.meta.txt")
  }

  private func records(in range: Range<Int>, of split: Split) -> Data {
    var bytes = Data(capacity: range.count * Self.recordBytes)
    for index in range { bytes += record(index: index, split: split) }
    return bytes
  }
}
