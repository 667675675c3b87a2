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
