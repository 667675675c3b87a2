private import Foundation

/// Brings staged files to their places in a folder, and takes every step back where one fails.
struct FolderExchange {
  let folder: String
  /// Where the new files lie.
  let staging: String
  /// Where the files that they replace are kept meanwhile.
  let old: String

  /// What takes back the steps done, in their order.
  private var undo: [Step] = []

  private enum Step {
    /// A folder was made.
    case folder(String)
    /// A file took a place that was empty.
    case new(String)
    /// The file at `path` is kept at `old`.
    case kept(path: String, old: String)
  }

  init(folder: String, staging: String, old: String) {
    self.folder = folder
    self.staging = staging
    self.old = old
  }

  /// - Parameters:
  ///   - files: Staged files, by their path in the folder.
  ///   - removed: Files that go.
  ///   - list: Whether a list of the files is staged, too, and a list of both old and new files.
  /// - Throws: `FileError.cannotWrite`; then the folder is as it was.
  mutating func run(
    _ files: [String], removing removed: [String], list: Bool, bothLists: Bool
  ) throws(FileError) {
    var exchange = self
    let failure = Partial.committing { () -> FileError? in
      do throws(FileError) {
        if bothLists { try exchange.place("\(FolderList.name)-both", as: FolderList.name) }
        // A first list comes before the files that it names.
        if list, !bothLists { try exchange.place(FolderList.name, as: FolderList.name) }
        for file in files { try exchange.place(file, as: file) }
        for file in removed { try exchange.remove(file) }
        if bothLists { try exchange.place(FolderList.name, as: FolderList.name) }
        return nil
      } catch {
        exchange.takeBack()
        return error
      }
    }
    if let failure { throw failure }
    for file in removed { removeEmptyFolders(above: file) }
  }

  private mutating func place(_ source: String, as file: String) throws(FileError) {
    let path = "\(folder)/\(file)"
    try makeFolders(above: file)
    let isThere = FileStatus(path, followsLinks: false) != nil
    if isThere { try keep(file) }
    guard rename("\(staging)/\(source)", path) == 0 else { throw .writing(path, errno) }
    if !isThere { undo.append(.new(path)) }
  }

  private mutating func remove(_ file: String) throws(FileError) {
    try keep(file)
    guard unlink("\(folder)/\(file)") == 0 || errno == ENOENT else {
      throw .writing("\(folder)/\(file)", errno)
    }
  }

  /// Keeps a second name of a file that is about to go; a file system that knows but one moves it.
  private mutating func keep(_ file: String) throws(FileError) {
    let path = "\(folder)/\(file)"
    let kept = "\(old)/\(undo.count)"
    try Folder.make(old, for: folder)
    guard link(path, kept) == 0 || rename(path, kept) == 0 else { throw .writing(path, errno) }
    undo.append(.kept(path: path, old: kept))
  }

  private mutating func makeFolders(above file: String) throws(FileError) {
    var parent = folder
    for name in file.split(separator: "/").dropLast() {
      parent += "/\(name)"
      if Folder.exists(parent) { continue }
      guard mkdir(parent, 0o777) == 0 else { throw .writing(parent, errno) }
      undo.append(.folder(parent))
    }
  }

  private func takeBack() {
    for step in undo.reversed() {
      switch step {
      case .folder(let path): rmdir(path)
      case .new(let path): unlink(path)
      case .kept(let path, let old): rename(old, path)
      }
    }
  }

  private func removeEmptyFolders(above file: String) {
    var parent = Folder.parent(of: file)
    while let path = parent, path != "." {
      guard rmdir("\(folder)/\(path)") == 0 else { return }
      parent = Folder.parent(of: path)
    }
  }
}
