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
