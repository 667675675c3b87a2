internal import NetworkGraph
internal import Tensors

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
