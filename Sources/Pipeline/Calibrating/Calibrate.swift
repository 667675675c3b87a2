package import Calibration
package import Datasets
internal import Files
internal import Foundation
package import NetworkGraph
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
