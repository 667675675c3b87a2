package import Datasets
internal import Files
internal import FixedPoint
internal import Foundation
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// Two networks that give their inputs back as scores, so that a test says by hand what either puts
/// first.
package enum ScoreNetworks {
  /// `[1, 1, 1, channels]` to the same.
  package static func graph(channels: Int) throws -> Graph {
    var graph = Graph(name: "scores", preprocessing: Preprocessing(mean: [], std: []))
    let input = graph.addTensor("input", [1, 1, 1, channels])
    let weights = (0..<channels * channels).map { $0 % (channels + 1) == 0 ? Float(1) : 0 }
    let identity = Operator.Conv2D(
      weights: weights, bias: [Float](repeating: 0, count: channels), kernel: .unit,
      inputChannels: channels, outputChannels: channels)
    graph.output = try graph.add("scores", .conv2D(identity), input)
    return graph
  }

  /// The same in codes, which are the values rounded: but for those that become `other` codes.
  package static func model(
    channels: Int, name: String = "scores", labels: [String] = [], other: [Int8: Int8] = [:]
  ) -> QuantizedModel {
    let table = LookupTable { other[$0] ?? $0 }
    let lookup = Lookup(function: nil, count: channels, table: table)
    return QuantizedModel(
      name: name,
      tensors: ["input", "scores"].map {
        QuantizedTensor(name: $0, shape: [1, 1, 1, channels], scale: 1, zeroPoint: 0)
      },
      layers: [Layer(name: "scores", operation: .lookup(lookup), inputs: [0], output: 1)], input: 0,
      output: 1, pixelEncoding: nil, labels: labels,
      provenance: Provenance(
        tool: "test", source: name, sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
  }

  /// Records with these scores, of these classes where they have some.
  package static func records(
    _ scores: [[Float]], labels: [UInt8]? = nil, in folder: TemporaryFolder
  ) throws -> Dataset {
    let shape = [scores.count, 1, 1, scores[0].count]
    try folder.write(NumPyArray(scores.flatMap(\.self), shape: shape).file(), to: "scores.npy")
    if let labels {
      try folder.write(
        NumPyArray(labels, shape: [labels.count]).file(), to: "scores.labels.npy")
    }
    return try DatasetReader.open(folder.url.appending(path: "scores.npy").path, split: .test)
  }
}
