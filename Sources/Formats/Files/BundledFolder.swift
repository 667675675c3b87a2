internal import Foundation

/// The folders of files that SwiftPM lays beside the executable.
package enum BundledFolder {
  /// The folder of the package's target `module`.
  ///
  /// The generated `Bundle.module` looks there first too, but where the folder is missing it ends
  /// the program.
  ///
  /// - Throws: `FileError.missingBundle`.
  package static func path(module: String) throws(FileError) -> String {
    let folder = Bundle.main.bundleURL.resolvingSymlinksInPath()
      .appending(path: "mnquant_\(module).resources").path
    guard FileManager.default.fileExists(atPath: folder) else {
      throw .missingBundle(path: folder)
    }
    return folder
  }
}
