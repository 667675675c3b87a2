package import FoundationEssentials
private import Glibc

/// Writes whole files or none.
package enum AtomicFile {
  /// Replaces the file at `path` with `bytes`: written beside it, then renamed into place, so that
  /// a run that dies leaves the old file whole. Missing parent folders are made. What `path` may be
  /// is told at `Destination`.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package static func write(_ bytes: Data, to path: String) throws(FileError) {
    let destination = try Destination(path)
    let parent = Folder.parent(of: destination.target) ?? "."
    try Folder.make(parent, for: path)
    let partial = try Partial.file(in: parent, mode: destination.mode, for: path)
    defer { partial.discard() }
    try partial.write(bytes, for: path)
    try partial.commit(as: destination.target, for: path)
  }

  /// Replaces the file at `path` with `text` in UTF-8; see `write(_:to:)`.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Data(text.utf8), to: path)
  }
}

extension AtomicFile {
  /// What reads a file, and for whom.
  package enum Reader {
    /// The file is somebody's input: from now on this process does not write over it.
    case input
    /// The file is the tool's own, which it reads in order to write it anew.
    case owner
  }

  /// The bytes of the regular file at `path`.
  ///
  /// - Throws: `FileError.missing` or `FileError.cannotRead`.
  package static func read(
    _ path: String, as reader: Reader = .input
  ) throws(FileError) -> Data {
    // Without waiting for whoever may write into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .reading(path, errno) }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor) else { throw .reading(path, errno) }
    try status.checkReadable(path)
    if reader == .input { InputFiles.remember(status) }
    return try bytes(descriptor, status, path)
  }

  private static func bytes(
    _ descriptor: Int32, _ status: FileStatus, _ path: String
  ) throws(FileError) -> Data {
    let most = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard status.size <= most, let buffer = malloc(max(1, status.size)) else {
      throw .cannotRead(
        path: path, reason: "its \(status.size) bytes do not fit into this machine's memory")
    }
    var filled = 0
    while filled < status.size {
      let count = Glibc.read(descriptor, buffer + filled, status.size - filled)
      if count > 0 {
        filled += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        let code = errno
        free(buffer)
        throw .reading(path, code)
      }
    }
    return Data(bytesNoCopy: buffer, count: filled, deallocator: .free)
  }
}

extension FileStatus {
  /// - Throws: `FileError.cannotRead` for anything but a regular file.
  func checkReadable(_ path: String) throws(FileError) {
    switch kind {
    case .file: return
    case .folder: throw .cannotRead(path: path, reason: "it is a folder; name a file in it")
    case .link, .pipe, .socket, .device:
      throw .cannotRead(
        path: path, reason: "it is \(kind.words); save what comes out of it and name that file")
    }
  }
}

/// Writes many files, all or none.
package enum AtomicFolder {
  /// Makes `folder` hold `files`, by path relative to it, and a list of them (`FolderList`).
  ///
  /// Files of an earlier list that nobody has changed are replaced, or removed where they are no
  /// longer among `files`. All others stay, and where one is in the way nothing is written. Files are
  /// written beside their places first and renamed when the last one is whole.
  ///
  /// - Throws: `FileError.cannotWrite`; then the folder is as it was.
  package static func replace(
    _ files: [(path: String, bytes: Data)], in folder: String
  ) throws(FileError) {
    let folder = folder.trimmingSlashes
    try check(folder)
    let found = try FolderList(in: folder)
    let plan = try FolderPlan(files, in: folder, list: found ?? FolderList(), hasList: found != nil)
    var list = FolderList()
    for file in files { list.add(file.path, SHA256.hex(file.bytes)) }
    try write(files, plan, list, before: found, to: folder)
  }

  /// Puts `files`, by path relative to `folder`, into `folder`, in place of regular files of their
  /// names: for names that nobody else gives. Other files stay.
  ///
  /// - Throws: `FileError.cannotWrite`; then the folder is as it was.
  package static func write(
    _ files: [(path: String, bytes: Data)], to folder: String
  ) throws(FileError) {
    let folder = folder.trimmingSlashes
    try check(folder)
    let plan = try FolderPlan(files, in: folder, list: nil, hasList: false)
    try write(files, plan, nil, before: nil, to: folder)
  }

  /// Checks that `replace(_:in:)` could write something into `folder`, before there are files.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package static func check(_ folder: String) throws(FileError) {
    if folder.isEmpty { throw .cannotWrite(path: folder, reason: "a folder has a name") }
    guard let status = FileStatus(folder) else {
      if errno == ENOENT, FileStatus(folder, followsLinks: false) != nil {
        throw .cannotWrite(path: folder, reason: "it is a symbolic link to nothing")
      }
      guard errno == ENOENT else { throw .writing(folder, errno) }
      return
    }
    if status.kind != .folder {
      throw .cannotWrite(path: folder, reason: "it is \(status.kind.words); name a folder")
    }
    if status.identity == FileStatus("/")?.identity {
      throw .cannotWrite(path: folder, reason: "it holds all others; name a folder of its own")
    }
  }

  private static func write(
    _ files: [(path: String, bytes: Data)], _ plan: FolderPlan, _ list: FolderList?,
    before: FolderList?, to folder: String
  ) throws(FileError) {
    let isNew = !Folder.exists(folder)
    let parent = isNew ? Folder.parent(of: folder) ?? "." : folder
    try Folder.make(parent, for: folder)
    let partial = try Partial.folder(in: parent, for: folder)
    defer { partial.discard() }
    // Renamed as a whole where the folder is new, so that it holds nothing else.
    let staging = isNew ? partial.path : "\(partial.path)/new"
    var staged = files
    if let list { staged.append((FolderList.name, Data(list.text.utf8))) }
    if let list, let before {
      // In place while files are exchanged: a run that dies then leaves both versions its own.
      staged.append(("\(FolderList.name)-both", Data(before.union(list).text.utf8)))
    }
    for file in staged { try stage(file, in: staging, for: folder) }
    if isNew { return try partial.commit(as: folder, for: folder) }
    var exchange = FolderExchange(folder: folder, staging: staging, old: "\(partial.path)/old")
    try exchange.run(
      files.map(\.path), removing: plan.removed, list: list != nil, bothLists: before != nil)
  }

  private static func stage(
    _ file: (path: String, bytes: Data), in staging: String, for folder: String
  ) throws(FileError) {
    let path = "\(staging)/\(file.path)"
    try Folder.make(Folder.parent(of: path) ?? ".", for: "\(folder)/\(file.path)")
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .writing("\(folder)/\(file.path)", errno) }
    defer { close(descriptor) }
    if let code = file.bytes.written(to: descriptor) {
      throw .writing("\(folder)/\(file.path)", code)
    }
  }
}
