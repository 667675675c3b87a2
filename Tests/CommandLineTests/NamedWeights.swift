import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// Random weights under the names and shapes that a framework's own network has.
struct NamedWeights {
  /// As `--architecture` takes it.
  let architecture: String
  let parameters: Int
  var file: Safetensors

  private struct Oracle: Decodable {
    struct Network: Decodable {
      let architecture: String
      let parameters: Int
      let weights: [String: [Int]]?
    }
    let cases: [Network]
  }

  /// The first network of `Tests/Oracles/ORACLE.json` whose spelling starts with `family` and whose
  /// tensors are listed there.
  init(_ family: String, _ oracle: String) throws {
    let path = Locations.tests.appending(path: "Oracles/\(oracle).json")
    let networks = try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: path)).cases
    let network = try #require(
      networks.first { $0.architecture.hasPrefix(family) && $0.weights != nil })
    (architecture, parameters) = (network.architecture, network.parameters)
    var random = SplitMix64(seed: 1)
    var tensors: [String: SafetensorsTensor] = [:]
    for (name, shape) in try #require(network.weights).sorted(by: { $0.key < $1.key }) {
      // Kernels keep the variance of what passes; vectors are positive, as variances must be.
      let fanIn = Float(shape.dropFirst().reduce(1, *))
      let bound = (6 / fanIn).squareRoot()
      let range: ClosedRange<Float> = shape.count > 1 ? -bound...bound : 0.5...1.5
      let values = random.floats(shape.reduce(1, *), in: range)
      tensors[name] = SafetensorsTensor(
        dtype: "F32", shape: shape, bytes: SafetensorsTensor(values).bytes)
    }
    file = Safetensors(tensors: tensors, metadata: [:])
  }
}
