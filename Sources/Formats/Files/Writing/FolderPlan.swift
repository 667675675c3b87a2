internal import FoundationEssentials
private import Glibc

/// What writing files into a folder replaces and removes there, found out before anything is changed.
struct FolderPlan {
  /// Paths relative to the folder that are there already and are to be replaced.
  private(set) var replaced: Set<String> = []
  /// Listed paths that are no longer written.
  private(set) var removed: [String] = []

  /// - Parameters:
  ///   - list: The files in `folder` that are the tool's own; `nil` where the names alone say so.
  ///   - hasList: Whether `folder` holds a list at all.
  /// - Throws: `FileError.cannotWrite`, with the names of the files that would be lost.
  init(
    _ files: [(path: String, bytes: Data)], in folder: String, list: FolderList?, hasList: Bool
  ) throws(FileError) {
    var (foreign, changed): ([String], [String]) = ([], [])
    for file in files {
      let path = "\(folder)/\(file.path)"
      if let obstacle = Self.obstacle(above: file.path, in: folder) {
        throw .cannotWrite(path: path, reason: "\(obstacle) is there and no folder; move it away")
      }
      guard let status = FileStatus(path, followsLinks: false) else { continue }
      guard status.kind == .file else {
        throw .cannotWrite(path: path, reason: "it is \(status.kind.words); move it away")
      }
      try status.checkReplaceable(path)
      replaced.insert(file.path)
      guard let list else { continue }
      let bytes = try AtomicFile.read(path, as: .owner)
      if bytes == file.bytes { continue }
      guard let hashes = list.hashes[file.path] else {
        foreign.append(file.path)
        continue
      }
      if !hashes.contains(SHA256.hex(bytes)) { changed.append(file.path) }
    }
    let written = Set(files.map(\.path))
    for (file, hashes) in (list?.hashes ?? [:]).sorted(by: { $0.key < $1.key })
    where !written.contains(file) {
      let path = "\(folder)/\(file)"
      guard Self.obstacle(above: file, in: folder) == nil,
        let status = FileStatus(path, followsLinks: false)
      else { continue }
      guard status.kind == .file, hashes.contains(SHA256.hex(try AtomicFile.read(path, as: .owner)))
      else {
        changed.append(file)
        continue
      }
      try status.checkReplaceable(path)
      removed.append(file)
    }
    if let reason = Self.reason(foreign: foreign.sorted(), changed: changed.sorted(), hasList) {
      throw .cannotWrite(path: folder, reason: reason)
    }
  }

  /// What stands in the way of a folder that `path` needs in `folder`; `nil` where nothing does. A
  /// symbolic link does: what lies behind it is not this folder's.
  private static func obstacle(above path: String, in folder: String) -> String? {
    var parent = folder
    for name in path.split(separator: "/").dropLast() {
      parent += "/\(name)"
      guard let status = FileStatus(parent, followsLinks: false) else { return nil }
      if status.kind != .folder { return parent }
    }
    return nil
  }

  private static func reason(foreign: [String], changed: [String], _ hasList: Bool) -> String? {
    var parts: [String] = []
    if !foreign.isEmpty {
      parts.append(
        "\(names(foreign)) would be replaced, and no earlier run wrote "
          + (foreign.count == 1 ? "it" : "them"))
    }
    if !changed.isEmpty {
      parts.append(
        "\(names(changed)) \(changed.count == 1 ? "was" : "were") changed since "
          + "\(changed.count == 1 ? "it was" : "they were") written")
    }
    guard !parts.isEmpty else { return nil }
    return parts.joined(separator: ", and ") + "; name another folder, or move "
      + (foreign.count + changed.count == 1 ? "this file" : "these files") + " away"
      + (hasList || foreign.isEmpty
        ? "" : " (a folder that a version without \(FolderList.name) wrote: delete it once)")
  }

  /// The first few names, and how many more there are.
  private static func names(_ files: [String]) -> String {
    let most = 8
    let shown = files.prefix(most).joined(separator: ", ")
    return files.count > most ? "\(shown) and \(files.count - most) more" : shown
  }
}

/// The list that a folder holds of the files that this tool wrote there, as `sha256sum` writes and
/// checks it. Files that are listed and unchanged may be replaced and removed; all others are
/// somebody else's.
struct FolderList: Equatable {
  /// The list's own name in the folder.
  static let name = ".mnquant-files"

  private static let heading =
    "# Files that mnquant wrote here, and may replace or remove as long as nobody changes them.\n"

  /// By path relative to the folder: what the file may hold. More than one only where a run died on
  /// the way from one list to the next.
  private(set) var hashes: [String: Set<String>] = [:]

  init() {}

  /// The list in `folder`; `nil` where there is none.
  ///
  /// - Throws: `FileError.cannotWrite` where it cannot be trusted.
  init?(in folder: String) throws(FileError) {
    let path = "\(folder)/\(Self.name)"
    guard FileStatus(path, followsLinks: false) != nil else { return nil }
    guard FileStatus(path, followsLinks: false)?.kind == .file else { throw Self.damaged(folder) }
    let text = String(decoding: try AtomicFile.read(path, as: .owner), as: UTF8.self)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let hash = String(line.prefix(64))
      let file = String(line.dropFirst(66))
      guard hash.utf8.count == 64, hash.allSatisfy(\.isHexDigit), Self.isInside(file) else {
        throw Self.damaged(folder)
      }
      add(file, hash)
    }
  }

  /// Adds a file.
  mutating func add(_ path: String, _ hash: String) { hashes[path, default: []].insert(hash) }

  /// The entries of both.
  func union(_ other: FolderList) -> FolderList {
    var union = self
    union.hashes.merge(other.hashes) { $0.union($1) }
    return union
  }

  /// The list as text: equal lists give equal bytes.
  var text: String {
    let lines = hashes.sorted { $0.key < $1.key }.flatMap { path, hashes in
      hashes.sorted().map { "\($0)  \(path)\n" }
    }
    return Self.heading + lines.joined()
  }

  /// Whether `path` leads nowhere but into the folder.
  private static func isInside(_ path: String) -> Bool {
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    return path != Self.name && names.allSatisfy { !["", ".", ".."].contains($0) }
  }

  private static func damaged(_ folder: String) -> FileError {
    .cannotWrite(
      path: folder,
      reason: "its list of files, \(name), is damaged; delete the folder, or name another one")
  }
}

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
