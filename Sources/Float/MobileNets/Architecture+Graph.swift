package import NetworkGraph
internal import Tensors

extension Architecture {
  /// The network with these weights; batch normalizations stand unfolded behind their layers.
  ///
  /// - Throws: `BuildError` where weights are missing, left over or of another shape.
  package func graph(weights: WeightSource) throws(BuildError) -> Graph {
    var builder = GraphBuilder(self, weights: weights)
    if family.isV4 {
      try builder.mobileNetV4()
      try builder.fullyConnected(LayerNames("classifier"), classes, nil)
    } else {
      try builder.layers(blueprint, layerNames(blueprint))
    }
    if endsInProbabilities {
      try builder.add("probabilities", classes == 1 ? .activation(.logistic) : .softmax)
    }
    return try builder.finished()
  }

  /// Of the families before V4, whose blocks are of one kind.
  private var blueprint: Blueprint {
    switch family {
    case .v1, .v1Small: v1Blueprint
    case .v2: v2Blueprint
    case .v3Large, .v3Small: v3Blueprint
    case .v4ConvSmall, .v4ConvMedium, .v4ConvLarge: preconditionFailure("V4 has other blocks")
    }
  }

  private func layerNames(_ blueprint: Blueprint) -> (LayerRole) -> LayerNames {
    switch style {
    case .torchvision: TorchvisionNames(family: family, blocks: blueprint.blocks).names
    case .keras: KerasNames(family: family).names
    case .timm: TimmNames(family: family, blocks: blueprint.blocks).names
    }
  }
}

extension GraphBuilder {
  /// From the stem to the classifier; `names` gives the name of each layer.
  mutating func layers(
    _ blueprint: Blueprint, _ names: (LayerRole) -> LayerNames
  ) throws(BuildError) {
    let stem = blueprint.stem
    try convolution(names(.stem), stem.channels, kernel: 3, stride: stem.stride, stem.activation)
    for (position, block) in blueprint.blocks.enumerated() {
      try self.block(position, block, names)
    }
    if let last = blueprint.last {
      try convolution(names(.last), last, blueprint.headActivation)
    }
    try add("pool", pool)
    if let hidden = blueprint.hidden {
      // timm keeps this layer as a 1 x 1 convolution.
      if architecture.style == .timm {
        try convolution(names(.hidden), hidden, isNormalized: false, blueprint.headActivation)
      } else {
        try fullyConnected(names(.hidden), hidden, blueprint.headActivation)
      }
    }
    try fullyConnected(names(.classifier), architecture.classes, nil)
  }

  /// V1 for small images averages windows (2 x 2 of them at 32 x 32); the others the whole image.
  private var pool: Operator {
    architecture.family == .v1Small
      ? .averagePool(Operator.Pool(kernel: shape.extent, stride: shape.extent))
      : .globalAveragePool
  }

  /// A whole block; `names` gives the name of each of its layers.
  mutating func block(
    _ position: Int, _ block: Blueprint.Block, _ names: (LayerRole) -> LayerNames
  ) throws(BuildError) {
    let input = current
    if block.expands {
      try convolution(names(.expand(block: position)), block.expanded, block.activation)
    }
    try depthwise(
      names(.depthwise(block: position)), kernel: block.kernel, stride: block.stride,
      block.activation)
    if let squeezed = block.squeezed {
      try squeezeAndExcitation(
        squeezed, names(.squeeze(block: position)), names(.excite(block: position)))
    }
    let project = names(.project(block: position))
    try convolution(project, block.outputs, block.outputActivation)
    try join(block, input, project, names(.shortcut(block: position)))
  }

  /// Scales each channel by a gate computed from the means of all channels.
  private mutating func squeezeAndExcitation(
    _ squeezed: Int, _ squeeze: LayerNames, _ excite: LayerNames
  ) throws(BuildError) {
    let features = current
    let channels = shape.channels
    let isNormalized = architecture.isExcitationNormalized
    try add("\(squeeze.convolution).mean", .globalAveragePool)
    try convolution(squeeze, squeezed, isNormalized: isNormalized, .relu)
    try convolution(excite, channels, isNormalized: isNormalized, .hardSigmoid)
    let gate = current
    current = features
    try add("\(excite.convolution).scale", .multiply, with: gate)
  }

  /// Adds what leads past the convolutions from `input`.
  private mutating func join(
    _ block: Blueprint.Block, _ input: Int, _ project: LayerNames, _ shortcut: LayerNames
  ) throws(BuildError) {
    let output = current
    switch block.shortcut {
    case .none: return
    case .identity: current = input
    case .projected:
      current = input
      try convolution(shortcut, block.outputs, nil)
    }
    try add("\(project.convolution).add", .add, with: output)
  }
}

/// A network as numbers: what a family's table says once width and options are applied.
struct Blueprint {
  /// Channels, stride and activation of the 3 x 3 convolution at the front.
  var stem: (channels: Int, stride: Int, activation: Activation)
  var blocks: [Block]
  /// Channels of the 1 x 1 convolution after the blocks; `nil` for none. Its activation is
  /// `headActivation`.
  var last: Int?
  /// Features of the fully connected layer before the classifier; `nil` for none.
  var hidden: Int?
  var headActivation: Activation

  /// One depthwise-separable block. V1's is V2's without expansion and with an activation at the
  /// end; V3's is V2's with a free kernel, activation and squeeze-and-excitation.
  struct Block {
    /// The run of blocks with as many output channels at width 1 that it belongs to, from 0.
    var stage: Int
    var inputs: Int
    /// Channels of the depthwise convolution.
    var expanded: Int
    var outputs: Int
    var kernel = 3
    var stride: Int
    /// Whether a 1 x 1 convolution leads from `inputs` to `expanded`.
    var expands: Bool
    /// Channels between the two convolutions of squeeze-and-excitation; `nil` for none.
    var squeezed: Int?
    /// After the expansion and after the depthwise convolution.
    var activation: Activation
    /// After the projection; `nil` for none.
    var outputActivation: Activation?
    var shortcut: Path

    /// How a block's input reaches its output past the convolutions.
    enum Path { case none, identity, projected }
  }
}

extension Blueprint.Block {
  /// The identity where shapes allow one, as V2 and V3 have it.
  static func path(inputs: Int, outputs: Int, stride: Int) -> Path {
    stride == 1 && inputs == outputs ? .identity : .none
  }
}

extension Blueprint {
  /// The stage of each block: runs of blocks with as many output channels.
  static func stages(_ outputs: [Int]) -> [Int] {
    var stage = 0
    return outputs.indices.map { position in
      if position > 0, outputs[position] != outputs[position - 1] { stage += 1 }
      return stage
    }
  }
}

/// `channels` rounded to a multiple of 8, at least 8, and never down by more than a tenth.
///
/// Source: TensorFlow `research/slim/nets/mobilenet/mobilenet.py`, `make_divisible`.
func channelCount(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}

/// Adds named layers one behind the other to a graph.
struct GraphBuilder {
  let architecture: Architecture
  let weights: WeightSource
  private(set) var graph: Graph
  /// The tensor that the next layer reads.
  var current: Int
  /// The weights asked for.
  private var used: Set<String> = []

  /// Starts at the input of the network.
  init(_ architecture: Architecture, weights: WeightSource) {
    self.architecture = architecture
    self.weights = weights
    graph = Graph(
      name: architecture.family.rawValue, preprocessing: architecture.preprocessing)
    graph.preprocessingOrigins = PreprocessingOrigins(.architecture)
    let side = architecture.resolution
    current = graph.addTensor("input", Shape(height: side, width: side, channels: 3))
  }

  /// The shape that the next layer reads.
  var shape: Shape { graph.tensors[current].shape }

  /// The graph that ends at `current`.
  ///
  /// - Throws: `BuildError.unused` where the weights hold more.
  func finished() throws(BuildError) -> Graph {
    let unused = weights.unused(besides: used)
    if let first = unused.first { throw .unused(tensor: first, count: unused.count) }
    var graph = graph
    graph.output = current
    return graph
  }

  /// Adds an operator on `current` (and `other`) and moves to its output.
  mutating func add(
    _ name: String, _ operation: Operator, with other: Int? = nil
  ) throws(BuildError) {
    do throws(GraphError) {
      current = try graph.add(name, operation, inputs: [current] + (other.map { [$0] } ?? []))
    } catch {
      throw .graph(error)
    }
  }

  /// The stored values of one variable of a layer.
  mutating func values(
    _ layer: String, _ kind: WeightKind, shape: [Int]
  ) throws(BuildError) -> [Float] {
    let name = layer + kind.suffix(architecture.style)
    used.insert(name)
    return try weights.values(name, shape: shape, kind: kind)
  }

  /// The kernel of a layer in our order.
  mutating func kernel(
    _ layer: String, _ layout: KernelLayout, fanIn: Int
  ) throws(BuildError) -> [Float] {
    layout.converted(try values(layer, .kernel(fanIn: fanIn), shape: layout.shape))
  }

  /// The bias of a layer, zeros where it stores none.
  mutating func bias(
    _ layer: String, _ count: Int, isStored: Bool
  ) throws(BuildError) -> [Float] {
    isStored
      ? try values(layer, .bias, shape: [count]) : [Float](repeating: 0, count: count)
  }
}

extension GraphBuilder {
  /// A convolution, its batch normalization if it has one, and an activation.
  mutating func convolution(
    _ names: LayerNames, _ outputs: Int, kernel: Int = 1, stride: Int = 1,
    isNormalized: Bool = true, _ activation: Activation?
  ) throws(BuildError) {
    let inputs = shape.channels
    let layout = KernelLayout.convolution(
      architecture.style, outputs: outputs, inputs: inputs, kernel: kernel)
    let conv = Operator.Conv2D(
      weights: try self.kernel(names.convolution, layout, fanIn: kernel * kernel * inputs),
      bias: try bias(
        names.convolution, outputs, isStored: architecture.isBiased || !isNormalized),
      kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
      padding: architecture.padding(shape.extent, kernel: kernel, stride: stride),
      inputChannels: inputs, outputChannels: outputs)
    try add(names.convolution, .conv2D(conv))
    if isNormalized { try normalization(names.normalization) }
    try self.activation(activation, after: names.convolution)
  }

  /// A depthwise convolution, its batch normalization and an activation.
  mutating func depthwise(
    _ names: LayerNames, kernel: Int, stride: Int, _ activation: Activation?
  ) throws(BuildError) {
    let channels = shape.channels
    let layout = KernelLayout.depthwise(architecture.style, channels: channels, kernel: kernel)
    let conv = Operator.DepthwiseConv2D(
      weights: try self.kernel(names.convolution, layout, fanIn: kernel * kernel),
      bias: try bias(names.convolution, channels, isStored: architecture.isBiased),
      kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
      padding: architecture.depthwisePadding(shape.extent, kernel: kernel, stride: stride),
      channels: channels)
    try add(names.convolution, .depthwiseConv2D(conv))
    try normalization(names.normalization)
    try self.activation(activation, after: names.convolution)
  }

  /// A fully connected layer and an activation.
  mutating func fullyConnected(
    _ names: LayerNames, _ outputs: Int, _ activation: Activation?
  ) throws(BuildError) {
    let inputs = shape.channels
    let layer = Operator.FullyConnected(
      weights: try kernel(
        names.convolution, architecture.matrixLayout(outputs: outputs, inputs: inputs),
        fanIn: inputs),
      bias: try bias(names.convolution, outputs, isStored: true), inputCount: inputs,
      outputCount: outputs)
    try add(names.convolution, .fullyConnected(layer))
    try self.activation(activation, after: names.convolution)
  }

  private mutating func normalization(_ name: String) throws(BuildError) {
    let channels = [shape.channels]
    let layer = Operator.BatchNormalization(
      gamma: try values(name, .gamma, shape: channels),
      beta: try values(name, .beta, shape: channels),
      mean: try values(name, .mean, shape: channels),
      variance: try values(name, .variance, shape: channels), epsilon: architecture.epsilon)
    try add(name, .batchNormalization(layer))
  }

  /// A function of each value, named after its layer; nothing for `nil`.
  mutating func activation(
    _ activation: Activation?, after layer: String
  ) throws(BuildError) {
    guard let activation else { return }
    try add("\(layer).\(activation)", .activation(activation))
  }
}
