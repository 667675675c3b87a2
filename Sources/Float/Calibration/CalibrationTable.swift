package import NetworkGraph
package import Tensors

/// The ranges of every tensor of a float network, and all that they were learned from. It holds no
/// time and no machine: the same inputs give the same bytes.
package struct CalibrationTable: Hashable, Codable, Sendable {
  /// The version of this tool.
  package var tool: String
  /// The float network.
  package var model: CalibratedModel
  /// What made pixels into the network's input.
  package var preprocessing: Preprocessing
  /// Who said so; `nil` in files of before.
  package var origins: PreprocessingOrigins?
  /// The images.
  package var sample: CalibrationSample
  /// Which parts of the sample the statistics cover.
  package var shards: CalibrationShards
  /// How ranges follow from statistics.
  package var method: CalibrationMethod
  /// One entry a tensor, in the order of the graph's tensors.
  package var tensors: [CalibratedTensor]

  /// A table from its parts; `statistics` hold one entry for each of `names`.
  package init(
    tool: String, model: CalibratedModel, preprocessing: Preprocessing, sample: CalibrationSample,
    shards: CalibrationShards, method: CalibrationMethod, names: [String],
    statistics: [TensorStatistics], origins: PreprocessingOrigins? = nil
  ) {
    precondition(names.count == statistics.count)
    self.tool = tool
    self.model = model
    self.preprocessing = preprocessing
    self.origins = origins
    self.sample = sample
    self.shards = shards
    self.method = method
    tensors = zip(names, statistics).map { CalibratedTensor($0, $1, method) }
  }

  /// The entry of the tensor called `name`; `nil` for an unknown one.
  package subscript(name: String) -> CalibratedTensor? { tensors.first { $0.name == name } }

  /// Checks that the table is of this network and covers its whole sample.
  ///
  /// - Throws: `CalibrationError.otherModel`, `incomplete`, `missingTensor`, `channels` or
  ///   `damaged`.
  package func check(_ graph: Graph, modelSHA256: String) throws(CalibrationError) {
    guard model.sha256 == modelSHA256 else {
      throw .otherModel(file: model.file, expected: modelSHA256, found: model.sha256)
    }
    guard shards.missing.isEmpty else {
      throw .incomplete(missing: shards.missing, count: shards.count)
    }
    for tensor in graph.tensors {
      guard let entry = self[tensor.name] else { throw .missingTensor(tensor.name) }
      guard entry.statistics.channels == tensor.shape.channels else {
        throw .channels(
          tensor: tensor.name, expected: tensor.shape.channels, found: entry.statistics.channels)
      }
    }
    let counts = [preprocessing.mean.count, preprocessing.std.count]
    guard counts == [0, 0] || counts == [graph.inputShape.channels, graph.inputShape.channels],
      !preprocessing.std.contains(0)
    else {
      throw .damaged(
        "the preprocessing has \(counts[0]) means and \(counts[1]) deviations for "
          + "\(graph.inputShape.channels) channels, or a deviation of 0")
    }
  }
}
