import Files
import Foundation
import TestSupport
import Testing

/// What a file may be written over, whatever leads there.
@Suite struct DestinationTests {
  /// What may stand where a file is to be written, and the words that refuse it; `nil` where it is
  /// written.
  struct Place: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let refusal: String?
    /// Puts it at `path`.
    let make: @Sendable (_ path: String) throws -> Void
    /// Where the bytes are found then, beside `path`.
    var target = ""
  }

  static let places: [Place] = [
    Place(testDescription: "nothing", refusal: nil) { _ in },
    Place(testDescription: "a file", refusal: nil) { try write("old", $0) },
    Place(
      testDescription: "a link to a file", refusal: nil,
      make: { path in
        try write("old", path + ".target")
        try FileManager.default.createSymbolicLink(
          atPath: path, withDestinationPath: (path as NSString).lastPathComponent + ".target")
      }, target: ".target"),
    Place(
      testDescription: "a link to a link to nothing", refusal: nil,
      make: { path in
        try FileManager.default.createSymbolicLink(
          atPath: path, withDestinationPath: path + ".next")
        try FileManager.default.createSymbolicLink(
          atPath: path + ".next", withDestinationPath: path + ".target")
      }, target: ".target"),
    Place(testDescription: "a link to nowhere", refusal: "a symbolic link to where no folder is") {
      try FileManager.default.createSymbolicLink(
        atPath: $0, withDestinationPath: "nowhere/else/../../out")
    },
    Place(testDescription: "a folder", refusal: "it is a folder; name a file in it") {
      try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: true)
    },
    Place(testDescription: "a link to a folder", refusal: "it is a folder") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/")
    },
    Place(testDescription: "a pipe", refusal: "it is a pipe; name a regular file") {
      #expect(mkfifo($0, 0o600) == 0)
    },
    Place(testDescription: "a link to a pipe", refusal: "it is a pipe") { path in
      #expect(mkfifo(path + ".target", 0o600) == 0)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: path + ".target")
    },
    Place(testDescription: "a socket", refusal: "it is a socket; name a regular file") {
      #expect(mknod($0, S_IFSOCK | 0o600, 0) == 0)
    },
    Place(testDescription: "links in a circle", refusal: "its symbolic links go round in circles") {
      try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: $0)
    },
    Place(testDescription: "an input", refusal: "it is a file that this command reads") {
      try write("old", $0)
      _ = try AtomicFile.read($0)
    },
    Place(testDescription: "a hard link to an input", refusal: "a file that this command reads") {
      try write("old", $0)
      try FileManager.default.linkItem(atPath: $0, toPath: $0 + ".other")
      _ = try AtomicFile.read($0 + ".other")
    },
    Place(testDescription: "a link to an input", refusal: "a file that this command reads") {
      try write("old", $0 + ".other")
      _ = try RandomAccessFile($0 + ".other")
      try FileManager.default.createSymbolicLink(
        atPath: $0, withDestinationPath: $0 + ".other")
    },
    Place(testDescription: "a file below a file", refusal: "a part of its path is a file") { path in
      try write("old", (path as NSString).deletingLastPathComponent)
    },
  ]

  @Test(arguments: places) func isWrittenOrRefused(_ place: Place) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      let path = "\(folder)/\(place.testDescription.contains("below") ? "file/out" : "out")"
      try place.make(path)
      let before = try Self.listing(folder)
      guard let refusal = place.refusal else {
        try AtomicFile.write("new", to: path)
        #expect(try String(contentsOfFile: path + place.target, encoding: .utf8) == "new")
        // What was a link is one.
        let kind = try FileManager.default.attributesOfItem(atPath: path)[.type]
        let isLink = kind as? FileAttributeType == .typeSymbolicLink
        #expect(isLink == !place.target.isEmpty)
        return
      }
      let error = #expect(throws: FileError.self) { try AtomicFile.write("new", to: path) }
      #expect(error?.description.hasPrefix("\(path): cannot be written: ") == true, "\(error!)")
      #expect(error?.description.contains(refusal) == true, "\(error!)")
      #expect(try Self.listing(folder) == before)
    }
  }

  /// A file that the tool reads in order to write it anew is no input.
  @Test func ownersWriteAgain() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try Self.write("one", folder + "/own")
      _ = try AtomicFile.read(folder + "/own", as: .owner)
      try AtomicFile.write("two", to: folder + "/own")
      #expect(try AtomicFile.read(folder + "/own") == Data("two".utf8))
    }
  }

  private static let canMakeDevices =
    (try? withTemporaryFolder { makeNullDevice($0.appending(path: "null").path) }) == true

  /// The null device by another name: a real one must not be at stake.
  private static func makeNullDevice(_ path: String) -> Bool {
    mknod(path, S_IFCHR | 0o666, 0x103) == 0
  }

  @Test(.enabled(if: canMakeDevices, "this user may make no devices"))
  func devicesAreRefused() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try #require(Self.makeNullDevice(folder + "/null"))
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write("x", to: folder + "/null")
      }
      #expect(error?.description.contains("it is a device; name a regular file") == true)
      #expect(throws: FileError.self) { try AtomicFile.read(folder + "/null") }
    }
  }

  @Test func permissionsStay() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try Self.write("old", folder + "/file")
      chmod(folder + "/file", 0o640)
      try AtomicFile.write("new", to: folder + "/file")
      let mode = try FileManager.default.attributesOfItem(atPath: folder + "/file")
      #expect(mode[.posixPermissions] as? Int == 0o640)
    }
  }

  @Test func filesOfManyNamesAreOne() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      #expect(Destination.areSame(folder + "/x", folder + "/./x"))
      #expect(!Destination.areSame(folder + "/x", folder + "/y"))
      try Self.write("x", folder + "/x")
      #expect(!Destination.areSame(folder + "/x", folder + "/y"))
      try FileManager.default.linkItem(atPath: folder + "/x", toPath: folder + "/y")
      #expect(Destination.areSame(folder + "/x", folder + "/y"))
    }
  }

  /// What a run that died has left is gone after the next; what another one is about to finish stays.
  @Test func leftoversAreSwept() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      // No process has so high a number.
      try Self.write("half", folder + "/.mnquant-partial-999999999-1")
      try FileManager.default.createDirectory(
        atPath: folder + "/.mnquant-partial-999999999-2/deep/er", withIntermediateDirectories: true)
      try Self.write("half", folder + "/.mnquant-partial-999999999-2/deep/er/file")
      try Self.write("half", folder + "/.mnquant-partial-\(getpid())-900000")
      try AtomicFile.write("whole", to: folder + "/file")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          == [".mnquant-partial-\(getpid())-900000", "file"])
    }
  }

  /// Every name with its kind and content.
  private static func listing(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { name in
      let kind = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.type]
      let isFile = kind as? FileAttributeType == .typeRegular
      let content = isFile ? try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) : ""
      return "\(name) \(kind.map { "\($0)" } ?? "") \(content)"
    }
  }

  private static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }
}
