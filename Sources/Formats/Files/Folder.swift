internal import FoundationEssentials
private import Glibc

/// Folders as the operating system has them.
package enum Folder {
  /// The names in the folder at `path`, sorted, without `.` and `..`.
  ///
  /// - Throws: `FileError.missing` or `FileError.cannotRead`.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard let stream = opendir(path) else { throw .reading(path, errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .reading(path, errno) }
    return names.sorted()
  }

  /// Whether a folder lies at `path`.
  package static func exists(_ path: String) -> Bool { FileStatus(path)?.kind == .folder }

  /// Makes the folder at `path`, with those above it, where it is missing.
  ///
  /// - Parameter destination: What is to be written there, for the error.
  /// - Throws: `FileError.cannotWrite`.
  package static func make(_ path: String, for destination: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 || exists(path) { return }
    let code = errno
    guard code == ENOENT, let parent = parent(of: path) else {
      throw .writing(destination, code == EEXIST ? ENOTDIR : code)
    }
    try make(parent, for: destination)
    guard mkdir(path, 0o777) == 0 || exists(path) else { throw .writing(destination, errno) }
  }

  /// The folder that holds `path`; `nil` for the root and for the current folder.
  static func parent(of path: String) -> String? {
    let name = path.trimmingSlashes
    guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return name == "." || name.isEmpty ? nil : "."
    }
    if slash == name.startIndex { return name == "/" ? nil : "/" }
    return String(name[..<slash]).trimmingSlashes
  }

  /// Removes what lies at `path`, a folder with all that it holds; links are not followed. What
  /// cannot be removed stays.
  package static func remove(_ path: String) {
    guard let status = FileStatus(path, followsLinks: false) else { return }
    guard status.kind == .folder else {
      unlink(path)
      return
    }
    for name in (try? names(in: path)) ?? [] { remove("\(path)/\(name)") }
    rmdir(path)
  }
}

extension String {
  /// Without slashes at the end, but for the root.
  var trimmingSlashes: String {
    var text = self
    while text.utf8.count > 1, text.utf8.last == UInt8(ascii: "/") {
      text.unicodeScalars.removeLast()
    }
    return text
  }
}

/// The folders of files that SwiftPM lays beside the executable, and packages below
/// `../share/mnquant`.
package enum BundledFolder {
  /// The folder of the package's target `module`.
  ///
  /// The generated `Bundle.module` looks beside the program, too, but it takes all of Foundation,
  /// and ends the program where the folder is missing.
  ///
  /// - Throws: `FileError.missingBundle`.
  package static func path(module: String) throws(FileError) -> String {
    let name = "mnquant_\(module).resources"
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .flatMap(Folder.parent)
    let folders = ["", "/../share/mnquant"].map { (program ?? ".") + $0 + "/" + name }
    guard let folder = folders.first(where: Folder.exists) else {
      throw .missingBundle(path: folders[0])
    }
    return folder
  }
}
