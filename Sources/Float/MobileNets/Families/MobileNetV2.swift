internal import Tensors

extension Architecture {
  /// Expansion t, channels c, blocks n, stride s of the first, and its stride on small images.
  ///
  /// Source: Sandler et al., "MobileNetV2", 2018, table 2.
  private static let v2Stages = [
    (t: 1, c: 16, n: 1, s: 1, small: 1),
    (t: 6, c: 24, n: 2, s: 2, small: 2),
    (t: 6, c: 32, n: 3, s: 2, small: 2),
    (t: 6, c: 64, n: 4, s: 2, small: 1),
    (t: 6, c: 96, n: 3, s: 1, small: 1),
    (t: 6, c: 160, n: 3, s: 2, small: 2),
    (t: 6, c: 320, n: 1, s: 1, small: 1),
  ]

  /// V2: inverted residuals; an expansion of 1 omits the first 1 x 1 convolution.
  var v2Blueprint: Blueprint {
    let activation: Activation = isUncapped ? .relu : .relu6
    var inputs = channelCount(32 * width)
    var blueprint = Blueprint(
      stem: (inputs, isForSmallImages ? 1 : 2, activation), blocks: [],
      last: channelCount(1280 * max(1, width)), headActivation: activation)
    for (number, stage) in Self.v2Stages.enumerated() {
      let outputs = channelCount(Double(stage.c) * width)
      for repetition in 0..<stage.n {
        let stride = repetition > 0 ? 1 : isForSmallImages ? stage.small : stage.s
        blueprint.blocks.append(
          Blueprint.Block(
            stage: number, inputs: inputs, expanded: inputs * stage.t, outputs: outputs,
            stride: stride,
            expands: stage.t > 1, activation: activation,
            shortcut: path(inputs: inputs, outputs: outputs, stride: stride)))
        inputs = outputs
      }
    }
    return blueprint
  }

  private func path(inputs: Int, outputs: Int, stride: Int) -> Blueprint.Block.Path {
    switch shortcut {
    case .projected where stride == 1: .projected
    case .matching where stride == 1 && inputs != outputs: .projected
    case .identity, .matching, .projected:
      Blueprint.Block.path(inputs: inputs, outputs: outputs, stride: stride)
    }
  }
}
