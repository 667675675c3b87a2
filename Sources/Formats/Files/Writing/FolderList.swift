internal import Foundation

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
