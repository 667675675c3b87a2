import Foundation
import TestSupport

/// The package's files, as git has them.
enum SourceTree {
  /// Paths from the root of the package, of tracked files and of those that git does not ignore.
  static let paths: [String]? = {
    let command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    guard Program.exists("git"), let run = try? Program.run(command, in: Locations.package),
      run.status == 0
    else { return nil }
    return run.output.split(separator: "\n").map(String.init)
      .filter { FileManager.default.fileExists(atPath: Locations.package.appending(path: $0).path) }
  }()

  static let absence = "this is no git checkout, so nothing tells the package's files from others"

  /// Code in `folder`: Swift and C that nobody generates.
  static func code(in folder: String) -> [String] {
    (paths ?? []).filter { path in
      path.hasPrefix(folder + "/") && !path.hasSuffix(".pb.swift")
        && [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
    }
  }

  /// A file's name without its folders.
  static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: Locations.package.appending(path: path), encoding: .utf8)
  }

  /// What a list of this folder says: a reason behind each key, `key: reason` a line.
  static func reasons(_ list: String) throws -> [String: String] {
    let lines = try text("Tests/HouseTests/\(list)").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
      })
  }
}
