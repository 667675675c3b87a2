import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct ImageFolderTests {
  /// `train/{b,a}` with two images and one, `test/c` with one.
  private func withFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      for name in ["train/b/2.PNG", "train/b/1.jpg", "train/a/3.jpeg", "test/c/4.png"] {
        try copy(name.lowercased().hasSuffix("png") ? "rgba.png" : "gray.jpg", folder + "/" + name)
      }
      try Data("x".utf8).write(to: URL(filePath: folder + "/train/b/notes.txt"))
      try body(folder)
    }
  }

  private func copy(_ name: String, _ path: String) throws {
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: PixelOracle.folder.appending(path: name), to: url)
  }

  @Test func classesAreFoldersInOrderOfTheirNames() throws {
    try withFolder { folder in
      let train = try DatasetReader.open(folder, split: .train)
      #expect(train.classNames == ["a", "b", "c"])
      #expect((0..<train.count).map { train.label(at: $0) } == [0, 1, 1])
      #expect(try train.image(at: 0).shape == [1, 9, 13, 3])
      let test = try DatasetReader.open(folder, split: .test)
      #expect(test.count == 1 && test.label(at: 0) == 2)
      // A folder of class folders serves every split, a folder of images has no labels.
      #expect(try DatasetReader.open(folder + "/train", split: .test).count == 3)
      let flat = try DatasetReader.open(folder + "/train/b", split: .train)
      #expect(flat.count == 2 && flat.label(at: 0) == nil && flat.classNames == [])
    }
  }

  @Test func aListOrdersTheClasses() throws {
    try withFolder { folder in
      let path = folder + "/classes.txt"
      try Data("c sea\nb  big bee\nz\na\n".utf8).write(to: URL(filePath: path))
      let train = try DatasetReader.open(
        folder, split: .train, classes: try ClassListFile(path: path))
      #expect(train.classNames == ["sea", "big bee", "z", "a"])
      // The labels follow the list, the records the folders' names.
      #expect((0..<train.count).map { train.label(at: $0) } == [3, 1, 1])

      try Data("b\n".utf8).write(to: URL(filePath: path))
      #expect(
        throws:
          DatasetError.unknownClass(list: path, folder: folder + "/train/a", classCount: 1)
      ) {
        try DatasetReader.open(folder, split: .train, classes: try ClassListFile(path: path))
      }
      try Data("b\nb\n".utf8).write(to: URL(filePath: path))
      #expect(throws: DatasetError.classList(path: path)) {
        try DatasetReader.open(folder, split: .train, classes: try ClassListFile(path: path))
      }
      try Data("\n \n".utf8).write(to: URL(filePath: path))
      #expect(throws: DatasetError.classList(path: path)) { try ClassListFile(path: path) }
    }
  }

  /// As Windows writes it: a byte order mark, two characters a line's end; and names with blanks.
  @Test func aListMayHaveAMarkAndBlanks() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      for name in ["hot dog", "hot", "ice cream"] {
        try copy("gray.png", "\(folder)/\(name)/1.png")
      }
      let path = folder + "/list.txt"
      let text = "\u{FEFF}ice cream\r\nhot dog  Wiener\r\nhot\tsauce\r\n cold  cut \r\n"
      try Data(text.utf8).write(to: URL(filePath: path))
      let images = try DatasetReader.open(
        folder, split: .test, classes: try ClassListFile(path: path))
      #expect(images.classNames == ["ice cream", "Wiener", "sauce", "cut"])
      #expect((0..<images.count).map { images.label(at: $0) } == [2, 1, 0])
      #expect(images.classListPath == path)
    }
  }

  /// In one pass over the line, not one for each of its words.
  @Test func aLineMayBeLong() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try copy("gray.png", "\(folder)/a a/1.png")
      let path = folder + "/list.txt"
      let name = String(repeating: "a ", count: 300_000) + "b"
      try Data("a a \(name)\n".utf8).write(to: URL(filePath: path))
      // A pass for each word takes minutes.
      let time = try ContinuousClock().measure {
        let images = try DatasetReader.open(
          folder, split: .test, classes: try ClassListFile(path: path))
        #expect(images.classNames == [name])
      }
      #expect(time < .seconds(30))
    }
  }

  /// Without a list that was named: the folder's own, else the model's labels where they fit.
  @Test func aListIsFound() throws {
    try withFolder { folder in
      func labels(of model: [String]) throws -> [Int?] {
        let train = try DatasetReader.open(folder, split: .train, labels: model)
        return (0..<train.count).map { train.label(at: $0) }
      }
      #expect(try labels(of: ["z", "b", "c", "a"]) == [3, 1, 1])
      #expect(try labels(of: ["z", "b", "a"]) == [0, 1, 1])  // `c` is in the other split.
      try Data("c\nb\na\n".utf8).write(to: URL(filePath: folder + "/classes.txt"))
      #expect(try labels(of: ["z", "b", "c", "a"]) == [2, 1, 1])
    }
  }

  @Test func aClassMayBeCalledTrain() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      for name in ["bus/1.png", "train/2.png"] { try copy("rgba.png", folder + "/" + name) }
      let images = try DatasetReader.open(folder, split: .test)
      #expect(images.classNames == ["bus", "train"])
      #expect(images.count == 2)
    }
  }

  @Test func aMissingSplitIsNamed() throws {
    try withFolder { folder in
      try FileManager.default.removeItem(atPath: folder + "/test")
      #expect(throws: DatasetError.missingSplitFolder(path: folder, split: .test)) {
        try DatasetReader.open(folder, split: .test)
      }
    }
  }

  @Test func damagedFilesAreSkippedUpToOneInAHundred() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      for number in 0..<200 { try copy("gray.png", folder + "/\(1000 + number).png") }
      let damaged = [folder + "/1100.png", folder + "/1003.png", folder + "/1150.png"]
      var skipped: [DatasetError] = []
      func damage(_ path: String) throws {
        try Data("nothing".utf8).write(to: URL(filePath: path))
      }
      let images = try DatasetReader.open(folder, split: .train)
      // A sample of 100 meets the files of even number, of which 1100 is one, and no other.
      try damage(damaged[0])
      #expect(try images.readable(sampling: 100) { skipped.append($0) }.count == 199)
      #expect(skipped == [.image(path: damaged[0], .unknownFormat)])

      try damage(damaged[1])
      skipped = []
      let readable = try images.readable(sampling: 1000) { skipped.append($0) }
      #expect(readable.count == 198)
      #expect(skipped == [damaged[1], damaged[0]].map { .image(path: $0, .unknownFormat) })
      #expect(try (0..<198).allSatisfy { try readable.image(at: $0).width == 13 })

      try damage(damaged[2])
      #expect(throws: DatasetError.tooManyDamaged(path: folder, damaged: 3, of: 200)) {
        try images.readable(sampling: 200) { _ in }
      }
    }
  }
}
