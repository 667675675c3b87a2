package import Calibration
internal import Files
internal import Foundation
internal import QuantizedIR

/// A calibration, and where the file lies: what tells where its images are.
package struct CalibrationFile: Sendable {
  package let path: String
  package let table: CalibrationTable
  /// Of the file, in hexadecimal.
  package let sha256: String

  /// Reads the file at `path`.
  package init(_ path: String) throws(PipelineError) {
    self.path = path
    (table, sha256) = try PipelineError.naming(path) {
      let bytes = try AtomicFile.read(path)
      return (try CalibrationTable(bytes: bytes), SHA256.hex(bytes))
    }
  }

  /// The file that `table` would make at `path`, which is not written.
  package init(_ table: CalibrationTable, path: String) throws(PipelineError) {
    self.path = path
    self.table = table
    sha256 = try PipelineError.naming(path) { SHA256.hex(try table.bytes()) }
  }

  /// Whether `model` was made with this calibration.
  func isOf(_ model: QuantizedModel) -> Bool {
    table.sample.sha256 == model.provenance.calibration?.sha256
  }

  /// The path of the calibration's images, from the current folder. A path that the user typed from
  /// another folder is found again by where this file lies.
  package var images: String {
    let typed = table.sample.path
    if typed.hasPrefix("/") { return typed }
    let found =
      table.sample.pathFromFile.map { "\(Self.folder(of: path))/\($0)" }
      ?? Self.pathAbove(path, typed)
    guard let found, FileManager.default.fileExists(atPath: found) else { return typed }
    return Destination.areSame(found, typed) ? typed : Workspace.absolute(found)
  }

  /// The calibration with the place of its images as it is found from the current folder.
  package var foundTable: CalibrationTable {
    var table = table
    table.sample.path = images
    return table
  }

  /// Writes `table` to the file at `path`.
  ///
  /// - Parameter images: Where the images lie, from the current folder.
  package static func write(
    _ table: CalibrationTable, to path: String, images: String
  ) throws(PipelineError) {
    var table = table
    // What is found without being told is not told: equal calibrations give equal bytes.
    let isFound = pathAbove(path, table.sample.path).map { Destination.areSame($0, images) }
    let isAbsolute = table.sample.path.hasPrefix("/")
    table.sample.pathFromFile =
      isAbsolute || isFound == true ? nil : relative(images, from: folder(of: path))
    let file = table
    try PipelineError.naming(path) { try AtomicFile.write(try file.bytes(), to: path) }
  }

  /// `typed` as seen from the folder of the file at `path`, or from the next one above it where
  /// something lies there: as a rule the user typed it in one of these.
  private static func pathAbove(_ path: String, _ typed: String) -> String? {
    var folder = folder(of: path)
    while true {
      let candidate = folder == "/" ? "/\(typed)" : "\(folder)/\(typed)"
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      if folder == "/" { return nil }
      folder = URL(filePath: folder).deletingLastPathComponent().path
    }
  }

  private static func folder(of path: String) -> String {
    URL(filePath: Workspace.absolute(path)).deletingLastPathComponent().path
  }

  /// The path that leads from `folder` to `path`.
  private static func relative(_ path: String, from folder: String) -> String {
    let to = Workspace.absolute(path).split(separator: "/")
    let from = folder.split(separator: "/")
    let shared = zip(to, from).prefix { $0 == $1 }.count
    let parts = Array(repeating: "..", count: from.count - shared) + to.dropFirst(shared)
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}

/// What a calibration learned, and where it was written.
package struct CalibrationReport: Encodable, Sendable {
  package let file: String
  package let model: String
  package let dataset: String
  package let split: String
  /// Of the whole sample, whatever the shard.
  package let images: Int
  package let method: String
  package let tensors: Int
  /// Parts that are still missing, as `I/N`.
  package let missingShards: [String]
  /// What happened to pixels; `nil` for merged shards.
  package let pixels: PixelReport?
  /// One sentence each.
  package let warnings: [String]

  package init(
    file: String, model: String, _ table: CalibrationTable, _ pixels: PixelReport? = nil
  ) {
    self.file = file
    self.model = model
    dataset = table.sample.dataset
    split = table.sample.split
    images = table.sample.imageCount
    method = table.method.rawValue
    tensors = table.tensors.count
    missingShards = table.shards.missing.map { "\($0)/\(table.shards.count)" }
    self.pixels = pixels
    warnings = [pixels?.warning].compactMap(\.self) + table.warnings.map(\.description)
  }
}
