import MobileNets
import NetworkGraph
import Tensors
import TestSupport
import Testing
import Training

/// Gradients against central differences of the same network in double precision.
@Suite struct GradientTests {
  @Test(arguments: GradientCase.all) func everyOperatorIsRight(_ row: GradientCase) throws {
    try check(row.graph, [:], isTraining: true, images: 3, tolerance: 1e-4)
    try check(row.graph, [:], isTraining: false, images: 1, tolerance: 1e-4)
  }

  @Test(arguments: [
    "mobilenet-v1-small,width=0.25", "mobilenet-v2,width=0.1,resolution=64,classes=5",
    "mobilenet-v3-small,width=0.25,resolution=64,classes=5",
  ])
  func wholeNetworksAreRight(_ spelling: String) throws {
    let architecture = try Architecture(spelling)
    var graph = InitialWeights(seed: 3)
      .drawn(try architecture.graph(weights: .random(seed: 3)))
    // Of a million values some lie so near a kink that rounding decides on which side: these
    // networks are tried with a smooth function in its place.
    for index in graph.nodes.indices {
      switch graph.nodes[index].operation {
      case .activation(.relu), .activation(.relu6):
        graph.nodes[index].operation = .activation(.logistic)
      default: break
      }
    }
    let normalizations = InitialWeights.normalizations(
      graph, epsilon: architecture.epsilon)
    try check(graph, normalizations, isTraining: true, images: 4, tolerance: 1e-3, perArray: 1)
  }

  /// - Parameter perArray: Values of each array of parameters that are moved.
  private func check(
    _ graph: Graph, _ normalizations: [String: Normalization], isTraining: Bool, images: Int,
    tolerance: Double, perArray: Int = 6
  ) throws {
    let network = try TrainingNetwork(
      graph, normalizations: normalizations, batch: images, team: Team(threads: 2))
    var random = SplitMix64(seed: 5)
    let input = random.floats(images * network.inputCount, in: -1...1)
    for (index, value) in input.enumerated() { network.input[index] = value }
    let mode: BatchMode = isTraining ? .training : .evaluation
    network.forward(images, mode)
    let upstream = random.floats(images * network.outputCount, in: -1...1)
    network.backward(images, mode, from: upstream)

    // Sums that cancel to nothing, such as of a bias in front of a normalization, keep the rounding
    // of their terms.
    let floor = network.parameters.gradients.array.map { Double(abs($0)) }.max() ?? 0

    let plain = Moved(graph, normalizations, isTraining: isTraining, images: images)
    let (x, weights) = (input.map(Double.init), upstream.map(Double.init))
    var (checked, kinks) = (0, 0)
    for parameter in network.parameters.list {
      let gradients = parameter.range.map { Double(network.parameters.gradients[$0]) }
      let size = gradients.map(abs).max() ?? 0
      for _ in 0..<perArray {
        let place = Int.random(in: 0..<gradients.count, using: &random)
        guard let slope = try plain.slope(parameter.name, place, x, weights) else {
          kinks += 1
          continue
        }
        checked += 1
        let error = abs(gradients[place] - slope)
        #expect(
          error <= tolerance * max(size, abs(slope), 0.02 * floor),
          "\(parameter.name)[\(place)]: \(gradients[place]), by differences \(slope)")
      }
    }
    #expect(checked > 3 * kinks, "\(checked) checked, \(kinks) at kinks")
  }
}

/// A network in double precision whose parameters can be moved one by one.
private struct Moved {
  let graph: Graph
  let normalizations: [String: Normalization]
  let isTraining: Bool
  let images: Int

  init(
    _ graph: Graph, _ normalizations: [String: Normalization], isTraining: Bool, images: Int
  ) {
    (self.graph, self.normalizations) = (graph, normalizations)
    (self.isTraining, self.images) = (isTraining, images)
  }

  /// How fast the sum of `weights` times the output grows with a value of a parameter; `nil` where
  /// the slopes on both sides differ, at a kink.
  func slope(
    _ parameter: String, _ place: Int, _ input: [Double], _ weights: [Double]
  ) throws -> Double? {
    let step: Float = 0x1p-17
    let (above, up) = try value(parameter, place, step, input, weights)
    let (middle, _) = try value(parameter, place, 0, input, weights)
    let (below, down) = try value(parameter, place, -step, input, weights)
    let (right, left) = ((above - middle) / up, (below - middle) / down)
    guard abs(right - left) <= 2e-2 * max(abs(right), abs(left)) + 1e-3 else { return nil }
    return (above - below) / (up - down)
  }

  private func value(
    _ parameter: String, _ place: Int, _ step: Float, _ input: [Double], _ weights: [Double]
  ) throws -> (Double, moved: Double) {
    var (graph, normalizations) = (graph, normalizations)
    let words = parameter.split(separator: " ")
    let (name, kind) = (String(words[0]), String(words[words.count - 1]))
    let group = words.count == 4 ? Int(words[2]) ?? 0 : 0
    let index = try #require(graph.nodes.firstIndex { $0.name == name })
    var moved = 0.0
    func move(_ values: inout [Float], _ place: Int) {
      let old = values[place]
      values[place] += step
      moved = Double(values[place]) - Double(old)
    }
    switch graph.nodes[index].operation {
    case .conv2D(var layer):
      let part = (kind == "kernel" ? layer.weights : layer.bias).count / layer.groups
      if kind == "kernel" {
        move(&layer.weights, group * part + place)
      } else {
        move(&layer.bias, group * part + place)
      }
      graph.nodes[index].operation = .conv2D(layer)
    case .depthwiseConv2D(var layer):
      if kind == "kernel" { move(&layer.weights, place) } else { move(&layer.bias, place) }
      graph.nodes[index].operation = .depthwiseConv2D(layer)
    case .fullyConnected(var layer):
      if kind == "kernel" { move(&layer.weights, place) } else { move(&layer.bias, place) }
      graph.nodes[index].operation = .fullyConnected(layer)
    case .batchNormalization(let layer):
      var learned =
        normalizations[name] ?? Normalization(channels: layer.scale.count, epsilon: 1e-5)
      if normalizations[name] == nil {
        (learned.gamma, learned.beta) = (layer.scale, layer.offset)
      }
      if kind == "gamma" { move(&learned.gamma, place) } else { move(&learned.beta, place) }
      normalizations[name] = learned
    default: Issue.record("\(name) has no parameters")
    }
    let output = PlainTraining(
      graph: graph, normalizations: normalizations, isTraining: isTraining, images: images
    ).output(input)
    return (zip(output, weights).reduce(0) { $0 + $1.0 * $1.1 }, moved)
  }
}
