internal import Foundation

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
