import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func writesIntoNewFoldersAndReplaces() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a/b/file").path
      try AtomicFile.write("one", to: path)
      try AtomicFile.write("two", to: path)
      #expect(try AtomicFile.read(path) == Data("two".utf8))
      // Nothing is left beside it.
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "a/b").path)
      #expect(names == ["file"])
    }
  }

  @Test(arguments: ["", "/", "/new/"]) func foldersAreNoFiles(_ end: String) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      #expect(
        throws: FileError.cannotWrite(
          path: folder + end, reason: "it is a folder; name a file in it")
      ) { try AtomicFile.write("x", to: folder + end) }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == [])
    }
  }

  @Test func failuresAreSentences() {
    #expect(throws: FileError.missing(path: "/nowhere/x")) { try AtomicFile.read("/nowhere/x") }
    do throws(FileError) {
      try AtomicFile.write("x", to: "/proc/nowhere/x")
      Issue.record("wrote below /proc")
    } catch {
      #expect(error.description.hasPrefix("/proc/nowhere/x: cannot be written: "))
    }
  }
}
