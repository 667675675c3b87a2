package import Calibration
package import Datasets
internal import Files
internal import FoundationEssentials
private import Glibc
package import NetworkGraph
internal import QuantizedIR
private import Synchronization
internal import Tensors

extension Pipeline {
  /// Runs `graph`, the network of `model`, over `count` of `images`, spread evenly, or over all where
  /// there are no more, and learns the range of every tensor. `shards` says which part of these this
  /// run takes.
  ///
  /// Images that are inputs already are taken as they are where nobody says what pixels mean.
  package func calibrate(
    _ model: LoadedModel, _ graph: Graph, on images: Dataset, count: Int,
    method: CalibrationMethod = .minMax, shards: CalibrationShards = .whole
  ) async throws(PipelineError) -> CalibrationTable {
    var graph = graph
    if images.holdsValues, !graph.preprocessingOrigins.sayWhatPixelsMean {
      graph.preprocessing = .none
    }
    if count > images.count {
      tell(.usesAll(path: images.path, asked: count, found: images.count))
    }
    let model = CalibratedModel(
      file: URL(filePath: model.path).lastPathComponent, sha256: model.sha256)
    let meter = meter("calibrate", of: shards.positions(imageCount: min(count, images.count)).count)
    let most = Mutex(0)
    return try await PipelineError.naming(images.path) { [graph] in
      let calibrator = try Calibrator(
        graph, dataset: images, imageCount: count, method: method, shards: shards)
      return try await calibrator.run(tool: Tool.name, model: model, threads: threads) {
        done, total in
        // Threads are not told in the order of their numbers.
        most.withLock { most in
          guard done > most else { return }
          most = done
          meter(done, total)
        }
      }
    }
  }

  /// One calibration of the parts in `files`, equal to that of a single run.
  package func merge(_ files: [CalibrationFile]) throws(PipelineError) -> CalibrationTable {
    try PipelineError.naming(files.map(\.path).joined(separator: ", ")) {
      try CalibrationTable.merge(files.map(\.table))
    }
  }
}

/// The images that a calibration was made with, found again and checked.
struct CalibrationImages {
  let dataset: Dataset
  /// The records used.
  let indices: [Int]

  /// Opens the images at `place`, where those of `file` lie unless told otherwise. They come at the
  /// size that `inputs`, the network's, ask for. Of the records, those that the calibration used are read, once.
  ///
  /// - Throws: `ImagesProblem.others` where they are others; `PipelineError.at` where they are gone.
  init(_ file: CalibrationFile, inputs: [NamedShape], at place: String) throws(PipelineError) {
    let table = file.table
    (dataset, indices) = try PipelineError.naming(place) {
      // Whatever `--classes` said then, or a list says now, the images are these.
      let split = Dataset.Split(rawValue: table.sample.split) ?? .train
      let all =
        inputs.count == 1
        ? try DatasetReader.open(place, split: split, needsLabels: false)
        : try DatasetReader.open(place, split: split, inputs: inputs, needsLabels: false)
      let dataset = try table.sample.found(in: all, at: place)
      let fitted =
        inputs.count == 1
        ? try dataset.fitted(table.preprocessing, inputShape: inputs[0].shape) : dataset
      return (fitted, dataset.evenlySpaced(table.sample.imageCount))
    }
  }
}

extension CalibrationSample {
  /// The part of `images` that this was taken of.
  fileprivate func found(in images: Dataset, at place: String) throws -> Dataset {
    // Nothing damaged, as a rule: then no picture need be decoded to know it.
    if images.count == recordCount, (try? images.sha256(sampling: imageCount)) == sha256 {
      return images
    }
    let readable = try images.readable(sampling: imageCount) { _ in }
    let found = ImagesProblem.Found(
      count: readable.count, sha256: try readable.sha256(sampling: imageCount))
    let expected = ImagesProblem.Found(count: recordCount, sha256: sha256)
    guard found == expected else {
      throw PipelineError.images(
        .others(path: place, split: split, used: imageCount, expected: expected, found: found))
    }
    return readable
  }
}

extension Dataset {
  /// SHA-256 over the stored records of which `evenlySpaced(count)` tells, in hexadecimal.
  fileprivate func sha256(sampling count: Int) throws -> String {
    var hash = SHA256()
    for index in evenlySpaced(count) { hash.update(try bytes(at: index)) }
    return hash.hex()
  }
}

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
    return Destination.areSame(found, typed) ? typed : Workspace.shown(Workspace.absolute(found))
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
