internal import Files

/// The order of the classes of an image folder: `--classes`.
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

  init(folders: [String], names: [String]) {
    self.folders = folders
    self.names = names
  }
}
