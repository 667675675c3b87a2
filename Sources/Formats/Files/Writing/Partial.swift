internal import FoundationEssentials
private import Glibc
private import Synchronization

/// A file or folder that is being made in the folder where it belongs.
///
/// It holds a lock on itself as long as its process lives: one without is left over from a run that
/// died, and the next one that writes there removes it.
package struct Partial {
  /// Where it lies.
  package let path: String
  private let descriptor: Int32

  /// How the names begin. The process and a number follow.
  private static let prefix = ".mnquant-partial-"

  /// What of this process is unfinished, and how many there were.
  private static let unfinished = Mutex<(paths: Set<String>, count: Int)>(([], 0))
  /// Whether this process has been told to stop.
  private static let isAbandoned = Atomic<Bool>(false)
  /// Held while finished files take their places.
  private static let commits = Mutex<Void>(())

  /// A new file in the folder `parent`, which is there.
  ///
  /// - Parameters:
  ///   - mode: Its permission bits; `nil` for those that new files get.
  ///   - destination: What the caller writes, for errors.
  /// - Throws: `FileError.cannotWrite`.
  static func file(
    in parent: String, mode: UInt32? = nil, for destination: String
  ) throws(FileError) -> Partial {
    let partial = try Partial(in: parent, destination) {
      open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    if let mode { fchmod(partial.descriptor, mode_t(mode)) }
    return partial
  }

  /// A new folder in the folder `parent`, which is there.
  ///
  /// - Parameter destination: What the caller writes, for errors.
  /// - Throws: `FileError.cannotWrite`.
  package static func folder(
    in parent: String, for destination: String
  ) throws(FileError) -> Partial {
    try Partial(in: parent, destination) {
      mkdir($0, 0o777) == 0 ? open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1
    }
  }

  private init(
    in parent: String, _ destination: String, create: (String) -> Int32
  ) throws(FileError) {
    Self.sweep(parent)
    let path = Self.unfinished.withLock { state in
      state.count += 1
      let path = "\(parent)/\(Self.prefix)\(getpid())-\(state.count)"
      state.paths.insert(path)
      return path
    }
    var descriptor = create(path)
    if descriptor < 0, errno == EEXIST {
      // Of a process that died and had this one's number.
      Folder.remove(path)
      descriptor = create(path)
    }
    guard descriptor >= 0 else {
      let code = errno
      Self.unfinished.withLock { _ = $0.paths.remove(path) }
      throw .writing(destination, code)
    }
    // Where there are no locks nothing is swept either.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    self.path = path
    self.descriptor = descriptor
  }

  /// Appends `bytes`.
  ///
  /// - Throws: `FileError.cannotWrite`.
  func write(_ bytes: Data, for destination: String) throws(FileError) {
    if let code = bytes.written(to: descriptor) { throw .writing(destination, code) }
  }

  /// Gives it its name, in place of what has it now.
  ///
  /// - Throws: `FileError.cannotWrite`.
  func commit(as target: String, for destination: String) throws(FileError) {
    let code = Self.committing { rename(path, target) == 0 ? 0 : errno }
    guard code == 0 else { throw .writing(destination, code) }
    Self.unfinished.withLock { _ = $0.paths.remove(path) }
  }

  /// Removes what was not committed, and ends the lock.
  package func discard() {
    let isUnfinished = Self.unfinished.withLock { $0.paths.remove(path) != nil }
    if isUnfinished { Folder.remove(path) }
    close(descriptor)
  }

  /// Runs `body`, which a signal does not interrupt between two of its steps.
  static func committing<Result>(_ body: () -> Result) -> Result {
    // Another thread ends this process.
    while isAbandoned.load(ordering: .sequentiallyConsistent) { pause() }
    return commits.withLock { _ in body() }
  }

  /// Removes all that this process has not finished, and ends it with the status that `last`, which
  /// may have something to say, returns: what another thread is about to commit does not follow.
  package static func abandonAll(_ last: () -> Int32) -> Never {
    isAbandoned.store(true, ordering: .sequentiallyConsistent)
    commits.withLock { _ in
      let paths = unfinished.withLock { $0.paths }
      // Another thread may be writing into a folder at this moment.
      for _ in 0..<mostAttempts {
        paths.forEach(Folder.remove)
        if paths.allSatisfy({ FileStatus($0, followsLinks: false) == nil }) { break }
        usleep(1000)
      }
    }
    _exit(last())
  }

  /// Attempts to remove a folder, a millisecond apart.
  private static let mostAttempts = 100

  /// Removes what dead processes left in `folder`.
  private static func sweep(_ folder: String) {
    for name in (try? Folder.names(in: folder)) ?? [] where name.hasPrefix(prefix) {
      let path = "\(folder)/\(name)"
      guard let status = FileStatus(path, followsLinks: false), status.isOwn,
        status.kind == .file || status.kind == .folder, isDead(name)
      else { continue }
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { Folder.remove(path) }
      close(descriptor)
    }
  }

  /// Whether the process that gave this name is gone: it may not have its lock yet.
  private static func isDead(_ name: String) -> Bool {
    guard let process = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }), process > 0 else {
      return true
    }
    return kill(process, 0) != 0 && errno == ESRCH
  }
}

extension Data {
  /// Writes all of it; where that fails, the reason as a value of `errno`.
  func written(to descriptor: Int32) -> Int32? {
    withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return nil }
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(descriptor, start + written, buffer.count - written)
        if count >= 0 { written += count } else if errno != EINTR { return errno }
      }
      return nil
    }
  }
}

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

/// A file that one process at a time holds until it releases it or ends, so that several share a list
/// of things to do.
package struct FileLock {
  private let descriptor: Int32

  /// Holds the file at `path`, which is made where it is missing; `nil` where another process does.
  /// On a file system that has no locks everybody holds it.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package init?(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .writing(path, errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  /// Lets others hold the file.
  package func release() { close(descriptor) }
}
