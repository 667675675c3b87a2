import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct CIFARBinaryTests {
  /// Record `number`: its label is `number % 10`, its plane `c` holds `number + c` at its corners
  /// and `position % 251` elsewhere.
  private func record(_ number: Int) -> [UInt8] {
    var planes: [UInt8] = [UInt8(number % 10)]
    for c in 0..<3 {
      var plane = (0..<1024).map { UInt8($0 % 251) }
      plane[0] = UInt8(number + c)
      plane[1023] = UInt8(number + c)
      planes += plane
    }
    return planes
  }

  private func write(_ records: Range<Int>, _ path: String) throws {
    try Data(records.flatMap(record)).write(to: URL(filePath: path))
  }

  /// Three records in two training files, one in the test file.
  private func withData(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try write(0..<1, folder + "/data_batch_1.bin")
      try write(1..<3, folder + "/data_batch_2.bin")
      try write(3..<4, folder + "/test_batch.bin")
      try body(folder)
    }
  }

  /// Labels that are not needed are not looked at: one that names no class stops nobody.
  @Test func picturesNeedNoLabels() throws {
    try withData { folder in
      try Data([UInt8(10)] + record(2).dropFirst()).write(
        to: URL(filePath: folder + "/data_batch_2.bin"))
      #expect(throws: DatasetError.self) { try DatasetReader.open(folder, split: .train) }
      let train = try DatasetReader.open(folder, split: .train, needsLabels: false)
      #expect(train.count == 2)
      #expect(train.label(at: 1) == nil)
      #expect(try train.image(at: 1).pixels.first == 2)
    }
  }

  @Test func planesBecomeInterleavedPixels() throws {
    try withData { folder in
      let train = try DatasetReader.open(folder, split: .train)
      #expect(train.count == 3)
      for index in 0..<3 {
        let image = try train.image(at: index)
        #expect(image.shape == [1, 32, 32, 3])
        let corner = (0..<3).map { UInt8(index + $0) }
        #expect(Array(image.pixels.prefix(3)) == corner)
        #expect(Array(image.pixels.suffix(3)) == corner)
        #expect(Array(image.pixels[300..<303]) == [100, 100, 100])
        #expect(train.label(at: index) == index)
        #expect(try train.bytes(at: index) == record(index))
      }
      let test = try DatasetReader.open(folder + "/", split: .test)
      #expect(test.count == 1 && test.label(at: 0) == 3)
      #expect(test.name == URL(filePath: folder).lastPathComponent)
    }
  }

  @Test func classNamesComeFromTheMetaFile() throws {
    try withData { folder in
      #expect(try DatasetReader.open(folder, split: .train).classNames == [])
      try Data("a\nb b\r\nc\nd\n\n".utf8).write(to: URL(filePath: folder + "/batches.meta.txt"))
      #expect(try DatasetReader.open(folder, split: .train).classNames == ["a", "b b", "c", "d"])
    }
  }

  @Test func evenlySpacedCoversTheSplit() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try write(0..<10, folder + "/data_batch_1.bin")
      let train = try DatasetReader.open(folder, split: .train)
      #expect(train.evenlySpaced(4) == [0, 2, 5, 7])
      #expect(train.evenlySpaced(10) == Array(0..<10))
      #expect(train.evenlySpaced(99) == Array(0..<10))
    }
  }

  @Test func damageIsNamed() throws {
    try withData { folder in
      let path = folder + "/data_batch_2.bin"
      try Data(record(0) + record(1).dropLast()).write(to: URL(filePath: path))
      #expect(
        throws: DatasetError.truncatedRecord(
          path: path, record: 1, offset: 3073, expected: 3073, found: 3072)
      ) { try DatasetReader.open(folder, split: .train) }

      try Data().write(to: URL(filePath: path))
      #expect(
        throws: DatasetError.truncatedRecord(
          path: path, record: 0, offset: 0, expected: 3073, found: 0)
      ) { try DatasetReader.open(folder, split: .train) }

      var records = (0..<150).flatMap(record)
      records[120 * 3073] = 10
      try Data(records).write(to: URL(filePath: path))
      #expect(
        throws: DatasetError.label(
          path: path, record: 120, offset: 120 * 3073, found: 10, classCount: 10)
      ) { try DatasetReader.open(folder, split: .train) }
    }
  }

  @Test func missingDataIsNamed() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      #expect(throws: DatasetError.missing(path: folder + "/none")) {
        try DatasetReader.open(folder + "/none", split: .train)
      }
      #expect(throws: DatasetError.unknownFolder(path: folder, holds: [])) {
        try DatasetReader.open(folder, split: .train)
      }
      try write(0..<1, folder + "/test_batch.bin")
      #expect(throws: DatasetError.missingSplit(path: folder, split: .train)) {
        try DatasetReader.open(folder, split: .train)
      }
      #expect(throws: DatasetError.unknownFile(path: folder + "/test_batch.bin")) {
        try DatasetReader.open(folder + "/test_batch.bin", split: .train)
      }
    }
  }

  @Test func sentencesSayWhatToDo() {
    #expect(
      DatasetError.label(path: "a.bin", record: 2, offset: 6146, found: 12, classCount: 10)
        .description
        == "a.bin: record 2 at byte 6146 has label 12, expected 0 to 9; the file is damaged or "
        + "not in CIFAR-10's binary layout")
    #expect(
      DatasetError.unknownFolder(path: "d", holds: ["a", "b", "c", "d"]).description
        == "d: expected CIFAR-10's binary files (data_batch_*.bin, test_batch.bin) or folders of "
        + "JPEG and PNG files, found a, b, c and 1 more; name the folder with the files")
  }
}
