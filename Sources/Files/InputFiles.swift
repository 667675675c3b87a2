internal import Synchronization

/// The files that this process has read as somebody's input, so that it never writes over one.
enum InputFiles {
  private static let identities = Mutex<Set<FileIdentity>>([])

  /// Remembers a file that is read.
  static func remember(_ status: FileStatus) {
    identities.withLock { _ = $0.insert(status.identity) }
  }

  /// Whether the file was read.
  static func contain(_ status: FileStatus) -> Bool {
    identities.withLock { $0.contains(status.identity) }
  }
}
