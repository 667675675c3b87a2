package import Calibration
package import Datasets
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
