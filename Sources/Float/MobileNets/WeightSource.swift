package import Files
package import NetworkGraph
internal import Tensors

/// Where a network's tensors come from, by name.
package enum WeightSource: Sendable {
  /// A file whose tensors are named and laid out as the architecture's style has them.
  case file(Safetensors)
  /// Values that the seed and each tensor's name determine, batch normalization included.
  case random(seed: UInt64)

  /// The values of the tensor `name`, in the order of the style's layout.
  func values(
    _ name: String, shape: [Int], kind: WeightKind
  ) throws(BuildError) -> [Float] {
    switch self {
    case .file(let file): try Self.read(name, shape, kind, file)
    case .random(let seed): Self.draw(name, shape, kind, seed)
    }
  }

  /// Tensors of floats that `names` does not contain, in alphabetical order.
  func unused(besides names: Set<String>) -> [String] {
    guard case .file(let file) = self else { return [] }
    return file.tensors.keys.filter { name in
      !names.contains(name) && file.tensors[name]?.floats() != nil
    }.sorted()
  }

  private static func read(
    _ name: String, _ shape: [Int], _ kind: WeightKind, _ file: Safetensors
  ) throws(BuildError) -> [Float] {
    guard let tensor = file.tensors[name] else {
      let nearest = nearest(to: name, among: file.tensors.keys)
      throw .missing(tensor: name, expected: shape, nearest: nearest)
    }
    guard tensor.shape == shape else {
      throw .shape(tensor: name, expected: shape, found: tensor.shape)
    }
    guard let values = tensor.floats() else { throw .type(tensor: name, found: tensor.dtype) }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, index: index, value: "\(values[index])")
    }
    if case .variance = kind, let index = values.firstIndex(where: { $0 < 0 }) {
      throw .negativeVariance(tensor: name, index: index, value: values[index])
    }
    return values
  }

  /// The name with the longest end in common with `name`, since exporters put something in front;
  /// the first in alphabetical order of several, and `nil` where none ends in the same letter.
  private static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    let ranked = names.sorted().map { found in
      (found, length: zip(found.reversed(), name.reversed()).prefix { $0 == $1 }.count)
    }
    let longest = ranked.map(\.length).max() ?? 0
    return longest == 0 ? nil : ranked.first { $0.length == longest }?.0
  }

  /// Uniform values in steps of 2^-24 of the range, so that any language can repeat them exactly.
  private static func draw(
    _ name: String, _ shape: [Int], _ kind: WeightKind, _ seed: UInt64
  ) -> [Float] {
    // FNV-1a: each tensor has a sequence of its own, whatever the order of asking.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    var random = SplitMix64(seed: seed ^ hash)
    let range = kind.randomRange
    return (0..<shape.reduce(1, *)).map { _ in
      let fraction = Double(random.next() >> 40) * 0x1p-24
      return Float(range.lowerBound + (range.upperBound - range.lowerBound) * fraction)
    }
  }
}

/// What a stored tensor means.
enum WeightKind {
  /// Of a convolution or a matrix; `fanIn` products make one output value.
  case kernel(fanIn: Int)
  case bias
  case gamma
  case beta
  case mean
  case variance

  /// The variable's name behind its layer's name.
  func suffix(_ style: Style) -> String {
    switch (self, style) {
    case (.kernel, .torchvision), (.gamma, .torchvision), (.kernel, .timm), (.gamma, .timm):
      ".weight"
    case (.bias, .torchvision), (.beta, .torchvision), (.bias, .timm), (.beta, .timm): ".bias"
    case (.mean, .torchvision), (.mean, .timm): ".running_mean"
    case (.variance, .torchvision), (.variance, .timm): ".running_var"
    case (.kernel, .keras): "/kernel"
    case (.bias, .keras): "/bias"
    case (.gamma, .keras): "/gamma"
    case (.beta, .keras): "/beta"
    case (.mean, .keras): "/moving_mean"
    case (.variance, .keras): "/moving_variance"
    }
  }

  /// Where random values lie. Kernels keep the variance of what passes through ReLU (He et al.,
  /// 2015); the statistics differ from the true ones enough that skipping one is noticed.
  var randomRange: ClosedRange<Double> {
    switch self {
    case .kernel(let fanIn):
      let bound = (6 / Double(fanIn)).squareRoot()
      return -bound...bound
    case .bias, .beta, .mean: return -0.25...0.25
    case .gamma, .variance: return 0.5...1.5
    }
  }
}

/// How a style stores a kernel, and how its axes become ours.
struct KernelLayout {
  /// The stored sizes, outermost axis first.
  let shape: [Int]
  /// The stored axis behind each axis of ours.
  let order: [Int]

  /// PyTorch's `[O][I][K][K]` or Keras' `[K][K][I][O]`, to `[O][K][K][I]`.
  static func convolution(
    _ style: Style, outputs: Int, inputs: Int, kernel: Int
  ) -> KernelLayout {
    switch style {
    case .torchvision, .timm:
      KernelLayout(shape: [outputs, inputs, kernel, kernel], order: [0, 2, 3, 1])
    case .keras: KernelLayout(shape: [kernel, kernel, inputs, outputs], order: [3, 0, 1, 2])
    }
  }

  /// PyTorch's `[C][1][K][K]` or Keras' `[K][K][C][1]`, to `[K][K][C]`.
  static func depthwise(_ style: Style, channels: Int, kernel: Int) -> KernelLayout {
    switch style {
    case .torchvision, .timm:
      KernelLayout(shape: [channels, 1, kernel, kernel], order: [2, 3, 0, 1])
    case .keras: KernelLayout(shape: [kernel, kernel, channels, 1], order: [0, 1, 2, 3])
    }
  }

  /// PyTorch's `[O][I]` or Keras' `[I][O]`, to `[O][I]`.
  static func matrix(_ style: Style, outputs: Int, inputs: Int) -> KernelLayout {
    switch style {
    case .torchvision, .timm: KernelLayout(shape: [outputs, inputs], order: [0, 1])
    case .keras: KernelLayout(shape: [inputs, outputs], order: [1, 0])
    }
  }

  /// Stored values in our order.
  func converted(_ stored: [Float]) -> [Float] { places.map { stored[$0] } }

  /// Values in our order as they are stored.
  func stored(_ values: [Float]) -> [Float] {
    var stored = [Float](repeating: 0, count: values.count)
    for (value, place) in zip(values, places) { stored[place] = value }
    return stored
  }

  /// Where each value in our order is stored.
  private var places: [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return order.reduce([0]) { places, axis in
      places.flatMap { place in (0..<shape[axis]).map { place + $0 * strides[axis] } }
    }
  }
}

/// Why named weights do not make the network asked for.
package enum BuildError: Error, Hashable {
  /// `nearest` is the name in the file whose end is most alike.
  case missing(tensor: String, expected: [Int], nearest: String?)
  case shape(tensor: String, expected: [Int], found: [Int])
  case type(tensor: String, found: String)
  case notFinite(tensor: String, index: Int, value: String)
  case negativeVariance(tensor: String, index: Int, value: Float)
  /// Floats that the network has no place for.
  case unused(tensor: String, count: Int)
  /// The input is too small for the network.
  case graph(GraphError)
}

extension BuildError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let tensor, let expected, let nearest):
      "tensor '\(tensor)' of shape \(expected) is missing"
        + (nearest.map { ", the nearest name found is '\($0)'" } ?? "") + "; check the family and "
        + "style that --architecture names, or see Docs/Models.md for how to save the file"
    case .shape(let tensor, let expected, let found):
      "tensor '\(tensor)' has shape \(found); expected \(expected): check width, classes and "
        + "options of --architecture"
    case .type(let tensor, let found):
      "tensor '\(tensor)' has type \(found); expected F32, F16 or BF16: save the weights as floats"
    case .notFinite(let tensor, let index, let value):
      "tensor '\(tensor)' holds \(value) at index \(index); expected finite weights: the training "
        + "diverged or the file is damaged"
    case .negativeVariance(let tensor, let index, let value):
      "tensor '\(tensor)' holds the variance \(value) at index \(index); expected at least 0: the "
        + "training diverged or the file is damaged"
    case .unused(let tensor, let count):
      "the network has no place for \(count) tensors, '\(tensor)' first; expected none left over: "
        + "check the options of --architecture"
    case .graph(let error): "\(error): choose a higher resolution"
    }
  }
}

extension Architecture {
  /// The batch normalizations of the network with these weights, by node: gamma, beta, mean and
  /// variance as stored, and what is added to the variance.
  ///
  /// - Throws: `BuildError` where one is missing or of another shape.
  package func normalizations(
    of graph: Graph, weights: WeightSource
  ) throws(BuildError) -> [String: Normalization] {
    var found: [String: Normalization] = [:]
    for node in graph.nodes {
      guard case .batchNormalization(let layer) = node.operation else { continue }
      let channels = layer.scale.count
      func values(_ kind: WeightKind) throws(BuildError) -> [Float] {
        try weights.values(node.name + kind.suffix(style), shape: [channels], kind: kind)
      }
      found[node.name] = Normalization(
        gamma: try values(.gamma), beta: try values(.beta), mean: try values(.mean),
        variance: try values(.variance), epsilon: epsilon)
    }
    return found
  }

  /// The weights of `graph`, built for this architecture, as a file that names it: read again, it
  /// gives the same network.
  ///
  /// - Parameters:
  ///   - normalizations: By node, all that the graph has.
  ///   - spelling: Of this architecture.
  package func weightsFile(
    of graph: Graph, normalizations: [String: Normalization], spelling: String
  ) -> Safetensors {
    var tensors: [String: SafetensorsTensor] = [:]
    func store(_ name: String, _ kind: WeightKind, _ shape: [Int], _ values: [Float]) {
      tensors[name + kind.suffix(style)] = SafetensorsTensor(values).shaped(shape)
    }
    for node in graph.nodes {
      switch node.operation {
      case .conv2D(let layer):
        let layout = KernelLayout.convolution(
          style, outputs: layer.outputChannels, inputs: layer.inputChannels,
          kernel: layer.kernel.height)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        if storesBias(node, graph) {
          store(node.name, .bias, [layer.outputChannels], layer.bias)
        }
      case .depthwiseConv2D(let layer):
        let layout = KernelLayout.depthwise(
          style, channels: layer.channels, kernel: layer.kernel.height)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        if storesBias(node, graph) { store(node.name, .bias, [layer.channels], layer.bias) }
      case .fullyConnected(let layer):
        let layout = matrixLayout(outputs: layer.outputCount, inputs: layer.inputCount)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        store(node.name, .bias, [layer.outputCount], layer.bias)
      case .batchNormalization(let layer):
        guard let learned = normalizations[node.name] else {
          preconditionFailure("no normalization of \(node.name)")
        }
        for (kind, values) in learned.parts {
          store(node.name, kind, [layer.scale.count], values)
        }
      case .activation, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad,
        .reshape, .softmax, .logSoftmax, .prelu, .concatenate, .rearrange, .resize,
        .transposedConv2D, .fakeQuantize:
        break
      }
    }
    return Safetensors(tensors: tensors, metadata: ["architecture": spelling])
  }

  /// Whether a convolution's bias has a tensor of its own.
  private func storesBias(_ node: Node, _ graph: Graph) -> Bool {
    let readers = graph.consumers(of: node.output)
    guard !isBiased, let reader = readers.first,
      case .batchNormalization = graph.nodes[reader].operation
    else { return true }
    return false
  }
}

extension Normalization {
  fileprivate var parts: [(WeightKind, [Float])] {
    [(.gamma, gamma), (.beta, beta), (.mean, mean), (.variance, variance)]
  }
}

extension SafetensorsTensor {
  fileprivate func shaped(_ shape: [Int]) -> SafetensorsTensor {
    SafetensorsTensor(dtype: dtype, shape: shape, bytes: bytes)
  }
}
