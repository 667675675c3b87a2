internal import Engines
internal import FloatReference
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// What the layers quantized so far make of the calibration images: the codes that the next layer
/// will really meet.
struct QuantizedPrefix {
  /// By tensor index, then by image.
  private var codes: [Int: [[Int8]]]
  private let team: Team

  /// - Parameter inputs: Each input's tensor and its codes, one array an image.
  init(_ inputs: [(tensor: Int, images: [[Int8]])], _ team: Team) {
    self.team = team
    codes = Dictionary(uniqueKeysWithValues: inputs.map { ($0.tensor, $0.images) })
  }

  /// The codes of `tensor`, one array an image.
  subscript(tensor: Int) -> [[Int8]] { codes[tensor] ?? [] }

  /// Runs `layer` on every image.
  mutating func run(_ layer: Layer) {
    let runtime = BoundLayer.host(layer.operation)
    let inputs = layer.inputs.map { self[$0] }
    codes[layer.output] = team.map(inputs[0].count) { image in
      runtime.run(inputs.map { $0[image] })
    }
  }

  /// Runs `parts`, layers that together fill the tensor `output` of `count` values, on every image.
  mutating func run(_ parts: [Layer], output: Int, count: Int) {
    guard let first = parts.first else { return }
    let runtimes = parts.map { BoundLayer.host($0.operation) }
    let inputs = parts.map { self[$0.inputs[0]] }
    codes[output] = team.map(self[first.inputs[0]].count) { image in
      var result = [Int8](repeating: 0, count: count)
      for (number, part) in parts.enumerated() {
        let written = runtimes[number].run([inputs[number][image]])
        part.operation.traits.forEachPlace { result[$0] = written[$0] }
      }
      return result
    }
  }

  /// Lets `alias` stand for the codes of `tensor`.
  mutating func alias(_ alias: Int, for tensor: Int) { codes[alias] = codes[tensor] }

  /// Lets go of `tensor`, which no further layer reads.
  mutating func forget(_ tensor: Int) { codes[tensor] = nil }
}

/// What the float network makes of calibration images, layer by layer beside `QuantizedPrefix`.
struct FloatPrefix {
  /// The images that take part, by their place among all.
  let images: [Int]
  private let reference: FloatReference
  private let team: Team
  /// By the graph's tensor index, then by image.
  private var values: [Int: [[Float]]]

  /// How many values the tensors alive at once may hold, over all images.
  private static let budget = 1 << 26

  /// As many of `all`, spread evenly, as memory allows.
  init(_ graph: Graph, _ all: [[Float]], _ team: Team) {
    reference = FloatReference(graph)
    self.team = team
    let used = min(all.count, max(Self.budget / graph.peakCount, 1))
    images = (0..<used).map { $0 * all.count / used }
    values = Dictionary(
      uniqueKeysWithValues: zip(graph.inputs, graph.parts(of: images.map { all[$0] })))
  }

  /// The values of `tensor`, one array an image.
  subscript(tensor: Int) -> [[Float]] { values[tensor] ?? [] }

  /// Runs the node at `position` on every image.
  mutating func run(_ position: Int) {
    let node = reference.graph.nodes[position]
    let inputs = node.inputs.map { self[$0] }
    values[node.output] = team.map(images.count, with: reference.makeArena()) { image, arena in
      reference.output(of: position, inputs.map { $0[image] }, in: arena)
    }
  }

  /// Lets go of `tensor`, which no further node reads.
  mutating func forget(_ tensor: Int) { values[tensor] = nil }
}

extension Graph {
  /// The values of each input, by image, where `images` have those of all, one after another.
  func parts(of images: [[Float]]) -> [[[Float]]] {
    guard inputs.count > 1 else { return [images] }
    var start = 0
    return inputs.map { input in
      let places = start..<start + tensors[input].shape.count
      start = places.upperBound
      return images.map { Array($0[places]) }
    }
  }

  /// The most values alive at once.
  fileprivate var peakCount: Int {
    var alive = Set(inputs)
    var peak = 1
    for (position, node) in nodes.enumerated() {
      alive.insert(node.output)
      peak = max(peak, alive.reduce(0) { $0 + tensors[$1].shape.count })
      alive = alive.filter { tensor in consumers(of: tensor).contains { $0 > position } }
    }
    return peak
  }
}
