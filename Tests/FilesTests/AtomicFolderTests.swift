import Files
import Foundation
import TestSupport
import Testing

/// A folder of files that are replaced together.
@Suite struct AtomicFolderTests {
  private typealias Files = [String: String]

  private func replace(_ files: Files, in folder: String) throws {
    try AtomicFolder.replace(
      files.sorted { $0.key < $1.key }.map { ($0.key, Data($0.value.utf8)) }, in: folder)
  }

  /// Every file but the list.
  private func content(_ folder: String) throws -> Files {
    var files: Files = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder: ObjCBool = false
      let path = "\(folder)/\(name)"
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if name != ".mnquant-files", !isFolder.boolValue {
        files[name] = try String(contentsOfFile: path, encoding: .utf8)
      }
    }
    return files
  }

  private func write(_ text: String, _ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  private static let first = ["Makefile": "all:", "src/a.c": "a", "src/b.c": "b", "port/p.h": "p"]
  private static let second = ["Makefile": "none:", "src/a.c": "a", "src/c.c": "c"]

  @Test(arguments: ["new", "new/deeper/", "there"])
  func filesThatAreNoLongerWrittenGo(_ name: String) throws {
    try withTemporaryFolder { url in
      let parent = url.path
      let folder = "\(parent)/\(name)"
      try FileManager.default.createDirectory(
        atPath: parent + "/there", withIntermediateDirectories: true)
      try replace(Self.first, in: folder)
      #expect(try content(folder) == Self.first)
      try write("mine", folder + "/notes.txt")
      try write("object", folder + "/build/a.o")
      try replace(Self.second, in: folder)
      var expected = Self.second
      expected["notes.txt"] = "mine"
      expected["build/a.o"] = "object"
      #expect(try content(folder) == expected)
      #expect(!FileManager.default.fileExists(atPath: folder + "/port"))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).filter {
          $0.contains("partial")
        } == [])
    }
  }

  /// What would be lost, put where an emission goes: nothing changes, and the sentence names it.
  @Test(arguments: [
    // Another's file, with no list and with one that does not name it.
    (Files(), ["Makefile": "mine"], "Makefile would be replaced, and no earlier run wrote it"),
    (Files(), ["src/c.c": "mine", "Makefile": "my"], "Makefile, src/c.c would be replaced"),
    (first, ["src/c.c": "mine"], "src/c.c would be replaced, and no earlier run wrote it"),
    // One of ours that somebody changed: to be replaced, to be kept as it was, to be removed.
    (first, ["Makefile": "mine"], "Makefile was changed since it was written"),
    (first, ["src/a.c": "mine"], "src/a.c was changed since it was written"),
    (
      first, ["src/b.c": "mine", "port/p.h": "my"], "port/p.h, src/b.c were changed since they were"
    ),
  ]) fileprivate func filesOfOthersStay(
    _ before: [String: String], _ others: [String: String], _ words: String
  ) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      if !before.isEmpty { try replace(before, in: folder) }
      for (name, text) in others { try write(text, "\(folder)/\(name)") }
      let found = try content(folder)
      let list = try? self.list(folder)
      let error = #expect(throws: FileError.self) { try replace(Self.second, in: folder) }
      #expect(error?.description.hasPrefix("\(folder): cannot be written: ") == true)
      #expect(error?.description.contains(words) == true, "\(error!)")
      #expect(error?.description.contains("name another folder, or move th") == true)
      #expect(error?.description.contains("delete it once") == before.isEmpty)
      #expect(try content(folder) == found)
      #expect((try? self.list(folder)) == list)
      // With them away it is written.
      for name in others.keys { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
      try replace(Self.second, in: folder)
      #expect(try content(folder) == Self.second)
    }
  }

  /// However it is spelled, and however much this user may do.
  @Test(arguments: ["/", "//", "/tmp/..", "link"])
  func rootIsNobodysFolder(_ name: String) throws {
    try withTemporaryFolder { url in
      let link = url.appending(path: "link").path
      #expect(symlink("/", link) == 0)
      let folder = name == "link" ? link : name
      let error = #expect(throws: FileError.self) { try AtomicFolder.check(folder) }
      #expect(error?.description.contains("name a folder of its own") == true, "\(error!)")
    }
  }

  /// Files that hold what is written anyway are nobody's loss.
  @Test func equalFilesBecomeOurs() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      for (name, text) in Self.first { try write(text, "\(folder)/\(name)") }
      try replace(Self.first, in: folder)
      try replace(Self.second, in: folder)
      #expect(try content(folder) == Self.second)
    }
  }

  /// Things that are no files, in the place of a file, of a folder and of the folder itself.
  @Test(arguments: ["Makefile", "src", ".", ".mnquant-files"], ["link", "pipe", "folder"])
  func onlyFilesAreReplaced(_ name: String, _ kind: String) throws {
    if kind == "folder", ["src", "."].contains(name) { return }
    try withTemporaryFolder { url in
      let parent = url.path
      let folder = parent + "/fw"
      try FileManager.default.createDirectory(
        atPath: parent + "/elsewhere", withIntermediateDirectories: true)
      try write("mine", parent + "/elsewhere/a.c")
      if name != "." {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      let path = name == "." ? folder : "\(folder)/\(name)"
      switch kind {
      case "link":
        try FileManager.default.createSymbolicLink(
          atPath: path, withDestinationPath: name == "." ? "nowhere" : parent + "/elsewhere")
      case "pipe": #expect(mkfifo(path, 0o600) == 0)
      default:
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      }
      let error = #expect(throws: FileError.self) { try replace(Self.first, in: folder) }
      #expect(error?.description.contains(": cannot be written: ") == true, "\(error!)")
      #expect(try content(parent + "/elsewhere") == ["a.c": "mine"])
    }
  }

  /// A list that leads out of the folder, or is none, removes nothing.
  @Test(arguments: ["../victim", "/victim", "a/../../victim", "", ".mnquant-files", "no hash"])
  func damagedListsAreRefused(_ path: String) throws {
    try withTemporaryFolder { url in
      let parent = url.path
      let folder = parent + "/fw"
      try write("mine", parent + "/victim")
      let hash = SHA256.hex(Data("mine".utf8))
      try write(path == "no hash" ? path : "\(hash)  \(path)\n", folder + "/.mnquant-files")
      let error = #expect(throws: FileError.self) { try replace(Self.first, in: folder) }
      #expect(error?.description.contains("its list of files, .mnquant-files, is damaged") == true)
      #expect(try content(parent).keys.sorted() == ["fw/.mnquant-files", "victim"])
    }
  }

  private func list(_ folder: String) throws -> String {
    try String(contentsOfFile: folder + "/.mnquant-files", encoding: .utf8)
  }

  /// The list is what `sha256sum` reads, and two runs that write the same make the same one.
  @Test func listIsThatOfSHA256Sum() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try replace(Self.first, in: folder)
      let before = try list(folder)
      let lines = before.split(separator: "\n").dropFirst()
      #expect(lines.count == Self.first.count)
      #expect(lines.contains("\(SHA256.hex(Data("a".utf8)))  src/a.c"))
      try replace(Self.first, in: folder)
      #expect(try list(folder) == before)
    }
  }

  /// A run that died while files took their places has left both versions' hashes.
  @Test func bothVersionsAreOursAfterACrash() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      try replace(Self.first, in: folder)
      let before = try list(folder)
      let heading = before.split(separator: "\n")[0] + "\n"
      let old = before.dropFirst(heading.count)
      try write("none:", folder + "/Makefile")
      let new = "\(SHA256.hex(Data("none:".utf8)))  Makefile\n"
      try write(heading + old + new, folder + "/.mnquant-files")
      try replace(Self.second, in: folder)
      #expect(try content(folder) == Self.second)
    }
  }
}
