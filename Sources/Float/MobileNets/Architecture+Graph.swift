package import NetworkGraph
internal import Tensors

extension Architecture {
  /// The network with these weights; batch normalizations stand unfolded behind their layers.
  ///
  /// - Throws: `BuildError` where weights are missing, left over or of another shape.
  package func graph(weights: WeightSource) throws(BuildError) -> Graph {
    let blueprint = self.blueprint
    let names = layerNames(blueprint)
    var builder = GraphBuilder(self, weights: weights)
    let stem = blueprint.stem
    try builder.convolution(
      names(.stem), stem.channels, kernel: 3, stride: stem.stride, stem.activation)
    for (position, block) in blueprint.blocks.enumerated() {
      try builder.block(position, block, names)
    }
    if let last = blueprint.last {
      try builder.convolution(names(.last), last, blueprint.headActivation)
    }
    try builder.add("pool", pool(builder.shape))
    if let hidden = blueprint.hidden {
      try builder.fullyConnected(names(.hidden), hidden, blueprint.headActivation)
    }
    try builder.fullyConnected(names(.classifier), classes, nil)
    if endsInProbabilities {
      try builder.add("probabilities", classes == 1 ? .activation(.logistic) : .softmax)
    }
    return try builder.finished()
  }

  var blueprint: Blueprint {
    switch family {
    case .v1, .v1Small: v1Blueprint
    case .v2: v2Blueprint
    case .v3Large, .v3Small: v3Blueprint
    }
  }

  private func layerNames(_ blueprint: Blueprint) -> (LayerRole) -> LayerNames {
    switch style {
    case .torchvision: TorchvisionNames(family: family, blocks: blueprint.blocks).names
    case .keras: KerasNames(family: family).names
    }
  }

  /// V1 for small images averages windows (2 x 2 of them at 32 x 32); the others the whole image.
  private func pool(_ features: Shape) -> Operator {
    family == .v1Small
      ? .averagePool(Operator.Pool(kernel: features.extent, stride: features.extent))
      : .globalAveragePool
  }
}

extension GraphBuilder {
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
