import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct BuiltInDatasetTests {
  typealias Split = BuiltInDataset.Split

  @Test(arguments: Split.allCases)
  func everyTenRecordsHoldEachLabelOnce(split: Split) {
    let dataset = BuiltInDataset(seed: 7)
    let labels = (0..<100).map { dataset.record(index: $0, split: split)[0] }
    for start in stride(from: 0, to: labels.count, by: 10) {
      #expect(labels[start..<start + 10].sorted() == Array(0..<10))
    }
    #expect(Set(labels.prefix(10)).count == BuiltInDataset.labels.count)
  }

  /// An even stride that is a multiple of ten must not meet one class alone.
  @Test func stridesMeetAllLabels() {
    let dataset = BuiltInDataset()
    let labels = stride(from: 0, to: 20_000, by: 200).map {
      dataset.record(index: $0, split: .training)[0]
    }
    #expect(Set(labels).count == 10)
  }

  @Test func recordsDifferBySeedSplitAndIndex() {
    var seen: Set<[UInt8]> = []
    for seed: UInt64 in [1, 2] {
      for split in Split.allCases {
        for index in 0..<500 {
          seen.insert(
            Array(BuiltInDataset(seed: seed).record(index: index, split: split).dropFirst()))
        }
      }
    }
    #expect(seen.count == 2000)
  }

  @Test func recordsOutsideTheSplitTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = BuiltInDataset().record(index: 5000, split: .test)
    }
  }

  /// The bundled model was trained on exactly these bytes; another machine must draw them too.
  @Test func filesAreThoseOfTheManifest() throws {
    try withTemporaryFolder { folder in
      try BuiltInDataset().write(to: folder.path)

      let manifest = try BuiltInManifest.load()
      let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(Set(written) == Set(manifest.files.map(\.name) + ["batches.meta.txt"]))
      for file in manifest.files {
        let bytes = try Data(contentsOf: folder.appending(path: file.name))
        #expect(bytes.count == file.size)
        #expect(SHA256.hex(bytes) == file.sha256, "\(file.name)")
      }
      let names = try String(
        contentsOf: folder.appending(path: "batches.meta.txt"), encoding: .utf8)
      #expect(names == BuiltInDataset.labels.joined(separator: "\n") + "\n")
      let second = try Data(contentsOf: folder.appending(path: "data_batch_2.bin"))
      #expect(Array(second[3073..<6146]) == BuiltInDataset().record(index: 4001, split: .training))
    }
  }

  @Test func namesTheFileThatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      let error = #expect(throws: FileError.self) { try BuiltInDataset().write(to: file.path) }
      let expected = "\(file.path)/data_batch_1.bin: cannot be written"
      #expect(error?.description.hasPrefix(expected) == true)
    }
  }
}
