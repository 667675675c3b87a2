internal import Files
private import Foundation

/// The order of the classes of an image folder: `--classes`, or `classes.txt` in the folder.
package struct ClassList: Sendable {
  /// By label: the name of the folder that holds the class's images.
  let folders: [String]
  /// By label: what people call the class.
  let names: [String]

  /// One class a line: the folder's name, and behind a blank the name for people where it is
  /// another.
  ///
  /// - Throws: `DatasetError` for a file that cannot be read or names a folder twice.
  package init(path: String) throws(DatasetError) {
    let text: String
    do {
      text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
    } catch {
      throw .file(error)
    }
    let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
      .filter { !$0.isEmpty }
    folders = lines.map { line in String(line.prefix { $0 != " " }) }
    names = zip(lines, folders).map { line, folder in
      let name = line.dropFirst(folder.count).drop { $0 == " " }
      return name.isEmpty ? folder : String(name)
    }
    guard !folders.isEmpty, Set(folders).count == folders.count else {
      throw .classList(path: path)
    }
  }

  /// The list that lies in an image folder as `classes.txt`; `nil` where there is none.
  init?(in folder: String) throws(DatasetError) {
    let path = folder + "/classes.txt"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try self.init(path: path)
  }

  /// A model's labels as a list, where each of `folders` has one of them for a name, and each label
  /// is there once; else `nil`.
  init?(_ labels: [String], of folders: Set<String>) {
    let known = Set(labels)
    guard known.count == labels.count, folders.isSubset(of: known) else { return nil }
    self.init(folders: labels, names: labels)
  }

  init(folders: [String], names: [String]) {
    self.folders = folders
    self.names = names
  }
}
