internal import NetworkGraph
internal import Tensors

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
