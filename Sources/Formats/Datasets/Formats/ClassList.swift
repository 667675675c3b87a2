internal import Files
private import Foundation

/// The order of the classes of an image folder.
struct ClassList: Sendable {
  /// By label: the name of the folder that holds the class's images.
  let folders: [String]
  /// By label: what people call the class.
  let names: [String]
  /// The file that says so; `nil` where none does.
  let path: String?

  init(folders: [String], names: [String], path: String? = nil) {
    self.folders = folders
    self.names = names
    self.path = path
  }

  /// A model's labels as a list, where each of `folders` has one of them for a name, and each label
  /// is there once; else `nil`.
  init?(_ labels: [String], of folders: Set<String>) {
    let known = Set(labels)
    guard known.count == labels.count, folders.isSubset(of: known) else { return nil }
    self.init(folders: labels, names: labels)
  }
}

/// A file with the order of the classes of an image folder: `--classes`, or `classes.txt` in the
/// folder.
package struct ClassListFile: Sendable {
  package let path: String
  /// By label, without blanks around.
  private let lines: [String]

  /// One class a line: the folder's name, and behind a blank the name for people where it is
  /// another. A byte order mark is skipped.
  ///
  /// - Throws: `DatasetError` for a file that cannot be read or lists nothing.
  package init(path: String) throws(DatasetError) {
    var bytes: Data
    do { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    self.path = path
    guard !lines.isEmpty else { throw .classList(path: path) }
  }

  /// The list that lies in an image folder as `classes.txt`; `nil` where there is none.
  init?(in folder: String) throws(DatasetError) {
    let path = folder + "/classes.txt"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try self.init(path: path)
  }

  /// The list for a folder that holds `folders`, whose names may have blanks: a line names the
  /// longest of them that it begins with, else its first word.
  ///
  /// - Throws: `DatasetError.classList` where a folder is named twice.
  func list(of folders: Set<String>) throws(DatasetError) -> ClassList {
    let longest = folders.map(\.count).max() ?? 0
    let classes = lines.map { line in
      // No folder's name reaches further.
      let start = line.prefix(longest + 1)
      var ends = start.indices.filter { start[$0].isWhitespace }
      if start.count <= longest { ends.append(start.endIndex) }
      let end =
        ends.last { folders.contains(String(line[..<$0])) }
        ?? line.firstIndex(where: \.isWhitespace) ?? line.endIndex
      let name = line[end...].trimmingCharacters(in: .whitespaces)
      return (folder: String(line[..<end]), name: name)
    }
    guard Set(classes.map(\.folder)).count == classes.count else { throw .classList(path: path) }
    return ClassList(
      folders: classes.map(\.folder), names: classes.map { $0.name.isEmpty ? $0.folder : $0.name },
      path: path)
  }
}
