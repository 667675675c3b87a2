package import Datasets
internal import Foundation

extension TemporaryFolder {
  /// The first `count` pictures of the built-in data set, as a data set of their own.
  package func tinyImages(_ count: Int) throws -> Dataset {
    let data = BuiltInDataset()
    let records = (0..<count).flatMap { data.record(index: $0, split: .training) }
    try write(records, to: "data/data_batch_1.bin")
    try write(records.prefix(3073), to: "data/test_batch.bin")
    let names = BuiltInDataset.labels.joined(separator: "\n") + "\n"
    try write(Array(names.utf8), to: "data/batches.meta.txt")
    return try DatasetReader.open(url.appending(path: "data").path, split: .train)
  }
}
