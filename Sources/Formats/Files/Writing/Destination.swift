private import Foundation

/// Where a file may be written: the one rule of all commands.
///
/// A name stands for a regular file or for nothing yet. Symbolic links are followed, so that the link
/// stays and the file that it means is replaced. Anything else than a regular file, a file that this
/// process reads, one of its streams and a file that is write-protected are refused.
package struct Destination {
  /// As the caller named it.
  package let path: String
  /// The regular file, there or not, that `path` means.
  let target: String
  /// The permission bits of the file that is there; `nil` where none is.
  let mode: UInt32?

  /// Checks `path`; nothing is changed.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package init(_ path: String) throws(FileError) {
    self.path = path
    if path.isEmpty { throw .cannotWrite(path: path, reason: "a file has a name") }
    if path.utf8.last == UInt8(ascii: "/") { throw .writing(path, EISDIR) }
    var target = path
    for _ in 0...Self.mostLinks {
      if let status = FileStatus(target) {
        try status.checkReplaceable(path)
        guard access(target, W_OK) == 0 else {
          throw errno == EACCES
            ? .cannotWrite(path: path, reason: "it is write-protected") : .writing(path, errno)
        }
        (self.target, mode) = (Self.resolved(target), status.mode)
        return
      }
      guard errno == ENOENT else { throw .writing(path, errno) }
      guard let next = Self.linkTarget(target) else {
        // Where a link leads, nobody asked for folders.
        if target != path, !Folder.exists(Folder.parent(of: target) ?? ".") {
          throw .cannotWrite(path: path, reason: "it is a symbolic link to where no folder is")
        }
        (self.target, mode) = (target, nil)
        return
      }
      target = next
    }
    throw .writing(path, ELOOP)
  }

  /// As Linux counts when it follows links: `MAXSYMLINKS`.
  private static let mostLinks = 40

  /// Whether both paths lead to one file, there or not.
  package static func areSame(_ a: String, _ b: String) -> Bool {
    switch (FileStatus(a), FileStatus(b)) {
    case (let first?, let second?): first.identity == second.identity
    case (nil, nil): resolved(a) == resolved(b)
    default: false
    }
  }

  /// `path` without symbolic links, those of its folder where nothing is there yet.
  private static func resolved(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    guard let parent = Folder.parent(of: path), let real = realpath(parent, nil) else {
      return path
    }
    defer { free(real) }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return String(cString: real) + "/" + name
  }

  /// What the symbolic link at `path` says, from where `path` is seen; `nil` where there is none.
  private static func linkTarget(_ path: String) -> String? {
    guard FileStatus(path, followsLinks: false)?.kind == .link else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let link = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return link.hasPrefix("/") ? link : "\(Folder.parent(of: path) ?? ".")/\(link)"
  }
}

extension FileStatus {
  /// - Throws: `FileError.cannotWrite` unless it is a regular file that nobody here reads.
  func checkReplaceable(_ path: String) throws(FileError) {
    switch kind {
    case .file: break
    case .folder: throw .writing(path, EISDIR)
    case .link, .pipe, .socket, .device:
      throw .cannotWrite(path: path, reason: "it is \(kind.words); name a regular file")
    }
    if InputFiles.contain(self) {
      throw .cannotWrite(
        path: path,
        reason: "it is a file that this command reads; name another one, so that it is not lost")
    }
    for (descriptor, name) in [
      (0, "standard input"), (1, "standard output"), (2, "standard error"),
    ]
    where FileStatus(descriptor: Int32(descriptor))?.identity == identity {
      throw .cannotWrite(path: path, reason: "it is this command's \(name); name another file")
    }
  }
}
