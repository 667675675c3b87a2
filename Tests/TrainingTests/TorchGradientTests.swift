import Foundation
import MobileNets
import NetworkGraph
import Tensors
import TestSupport
import Testing
import Training

/// Gradients of whole networks against PyTorch's in double precision, as
/// `Tests/Oracles/make_gradient_oracles.py` writes them.
@Suite struct TorchGradientTests {
  private struct Oracle: Decodable {
    let images: Int
    let cases: [Case]

    struct Case: Decodable {
      let architecture: String
      let logits: [Double]
      let gradients: [Gradient]
    }

    /// Of one array of parameters, in the order of the package.
    struct Gradient: Decodable {
      let name: String
      let count: Int
      let norm: Double
      let places: [Int]
      let values: [Double]
    }
  }

  @Test func everyArrayIsAsPyTorchs() throws {
    let file = Locations.tests.appending(path: "Oracles/gradients-torch.json")
    let oracle = try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: file))
    try #require(oracle.cases.count == 3)
    for row in oracle.cases { try check(row, images: oracle.images) }
  }

  private func check(_ row: Oracle.Case, images: Int) throws {
    let architecture = try Architecture(row.architecture)
    let graph = try architecture.graph(weights: .random(seed: 1))
    var normalizations = InitialWeights.normalizations(graph, epsilon: architecture.epsilon)
    for name in normalizations.keys {
      let count = try #require(normalizations[name]).gamma.count
      normalizations[name]?.gamma = SplitMix64.floats("\(name).weight", count, in: 0.5...1.5)
      normalizations[name]?.beta = SplitMix64.floats("\(name).bias", count, in: -0.25...0.25)
    }
    let network = try TrainingNetwork(
      graph, normalizations: normalizations, batch: images, team: Team(threads: 2))
    let input = SplitMix64.floats("input", images * network.inputCount, in: -1...1)
    for (index, value) in input.enumerated() { network.input[index] = value }
    network.forward(images, .training)
    try #require(row.logits.count == images * network.outputCount)
    let largest = row.logits.map(abs).max() ?? 0
    for (index, expected) in row.logits.enumerated() {
      #expect(
        abs(Double(network.output[index]) - expected) <= 1e-4 * largest,
        "\(row.architecture), logit \(index)")
    }
    network.backward(
      images, .training,
      from: SplitMix64.floats("upstream", images * network.outputCount, in: -1...1))

    let parameters = network.parameters
    #expect(parameters.list.count == row.gradients.count)
    let floor = row.gradients.map { $0.norm / Double($0.count).squareRoot() }.max() ?? 0
    var worst = 0.0
    for gradient in row.gradients {
      let range = try #require(
        parameters.list.first { Self.name($0.name) == gradient.name },
        "\(row.architecture), \(gradient.name)"
      ).range
      try #require(range.count == gradient.count)
      let found = range.map { Double(parameters.gradients[$0]) }
      // The root of the mean square: what a value of this array is by the way. Sums that cancel
      // keep the rounding of their terms.
      let size = max(gradient.norm / Double(gradient.count).squareRoot(), 1e-3 * floor)
      let norm = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(
        abs(norm - gradient.norm) <= 1e-3 * size * Double(gradient.count).squareRoot(),
        "\(row.architecture), \(gradient.name): norm \(norm), PyTorch's \(gradient.norm)")
      for (place, expected) in zip(gradient.places, gradient.values) {
        let error = abs(found[place] - expected) / max(size, abs(expected))
        worst = max(worst, error)
        #expect(
          error <= 1e-3,
          "\(row.architecture), \(gradient.name)[\(place)]: \(found[place]), PyTorch's \(expected)")
      }
    }
    print("\(row.architecture): \(row.gradients.count) arrays, off by at most \(worst)")
  }

  /// PyTorch's name of `features.0.0 kernel`.
  private static func name(_ name: String) -> String {
    let words = name.split(separator: " ")
    let kind = words.last == "kernel" || words.last == "gamma" ? "weight" : "bias"
    return "\(words[0]).\(kind)"
  }
}
