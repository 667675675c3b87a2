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

/// The windows that weights meet in images of one shape.
struct Patches {
  let input: Shape
  private let window: SlidingWindow

  /// `window` over images of the shape `input` to make `output`.
  init(_ window: Operator.Window, _ input: Shape, _ output: Shape) {
    self.input = input
    self.window = SlidingWindow(window, input: input.extent, output: output.extent)
  }

  var kernel: Extent { window.kernel }
  var output: Extent { window.output }

  /// Values in one window.
  var count: Int { kernel.count * input.channels }

  /// Writes the pixel under each tap of the window at `position`; -1 where it lies outside the image.
  func pixels(at position: Int, into window: inout [Int]) {
    self.window.pixels(at: position, into: &window)
  }
}

/// Which values of a window an output channel's weights meet, in weight order.
enum TapLayout {
  /// All of them.
  case dense(count: Int)
  /// Those of one input channel.
  case depthwise(channels: Int, multiplier: Int, taps: Int)

  var isDepthwise: Bool {
    if case .depthwise = self { true } else { false }
  }

  /// The positions of an output channel's taps in a window, `[taps][channels]`.
  func taps(of channel: Int) -> [Int] {
    switch self {
    case .dense(let count): Array(0..<count)
    case .depthwise(let channels, let multiplier, let taps):
      (0..<taps).map { $0 * channels + channel / multiplier }
    }
  }
}

extension [Float] {
  /// Cut into rows of `count` values.
  func rows(of count: Int) -> [[Float]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
  }
}

/// Layers whose windows hold so many values that what is known of the values together, which grows
/// with their square, is not gathered: their weights go to the nearest codes, as in the plain recipe.
enum LargeWindows {
  /// Values in a window of a dense layer. That of the largest residual networks, 3 by 3 pixels of 512
  /// channels, makes matrices of 170 MB, of which 6 are in use at a time.
  static let mostValues = 4608
  /// Products of taps over all channels of a depthwise layer: half a gigabyte of them.
  static let mostProducts = 1 << 26

  /// Whether the windows of `patches` are too large.
  ///
  /// - Parameter isDepthwise: Whether each channel has a window of its own.
  static func contain(_ patches: Patches, isDepthwise: Bool) -> Bool {
    guard isDepthwise else { return patches.count > mostValues }
    let (products, overflow) = patches.kernel.count.multipliedReportingOverflow(by: patches.count)
    return overflow || products > mostProducts
  }
}

extension Passes {
  /// What users are told of the layers with large windows, where the passes would gather more.
  func largeWindowWarnings(_ graph: Graph) -> [ModelWarning] {
    guard candidates.contains(where: { $0.rounding == .compensated || $0.refits }) else {
      return []
    }
    let layers = graph.nodes.compactMap { node -> (name: String, values: Int)? in
      let operation = node.operation.quantizable
      guard
        let patches = operation.patches(
          input: graph.tensors[node.inputs[0]].shape, output: graph.tensors[node.output].shape)
      else { return nil }
      let isDepthwise = operation.tapLayout?.isDepthwise ?? false
      guard LargeWindows.contain(patches, isDepthwise: isDepthwise) else { return nil }
      return (node.name, isDepthwise ? patches.kernel.count : patches.count)
    }
    guard let first = layers.first else { return [] }
    return [.plainRounding(layer: first.name, values: first.values, others: layers.count - 1)]
  }
}
