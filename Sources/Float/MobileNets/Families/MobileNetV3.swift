internal import Tensors

extension Architecture {
  /// Kernel k, expanded channels, output channels, squeeze-and-excitation, h-swish (ReLU
  /// otherwise), stride s, and the stride on small images.
  private typealias V3Row = (k: Int, exp: Int, out: Int, se: Bool, hs: Bool, s: Int, small: Int)

  /// Source: Howard et al., "Searching for MobileNetV3", 2019, table 1.
  private static let v3LargeRows: [V3Row] = [
    (3, 16, 16, false, false, 1, 1),
    (3, 64, 24, false, false, 2, 1),
    (3, 72, 24, false, false, 1, 1),
    (5, 72, 40, true, false, 2, 2),
    (5, 120, 40, true, false, 1, 1),
    (5, 120, 40, true, false, 1, 1),
    (3, 240, 80, false, true, 2, 2),
    (3, 200, 80, false, true, 1, 1),
    (3, 184, 80, false, true, 1, 1),
    (3, 184, 80, false, true, 1, 1),
    (3, 480, 112, true, true, 1, 1),
    (3, 672, 112, true, true, 1, 1),
    (5, 672, 160, true, true, 2, 2),
    (5, 960, 160, true, true, 1, 1),
    (5, 960, 160, true, true, 1, 1),
  ]
  /// Source: the same, table 2.
  private static let v3SmallRows: [V3Row] = [
    (3, 16, 16, true, false, 2, 1),
    (3, 72, 24, false, false, 2, 2),
    (3, 88, 24, false, false, 1, 1),
    (5, 96, 40, true, true, 2, 2),
    (5, 240, 40, true, true, 1, 1),
    (5, 240, 40, true, true, 1, 1),
    (5, 120, 48, true, true, 1, 1),
    (5, 144, 48, true, true, 1, 1),
    (5, 288, 96, true, true, 2, 2),
    (5, 576, 96, true, true, 1, 1),
    (5, 576, 96, true, true, 1, 1),
  ]

  var v3Blueprint: Blueprint {
    let swish: Activation = isMinimalistic ? .relu : .hardSwish
    let hidden = family == .v3Large ? 1280 : 1024
    // Keras scales neither the stem nor, below width 1, the hidden layer of the head.
    var inputs = style == .keras ? 16 : channelCount(16 * width)
    var blueprint = Blueprint(
      stem: (inputs, isForSmallImages ? 1 : 2, swish), blocks: [],
      hidden: channelCount(Double(hidden) * (style == .keras ? max(1, width) : width)),
      headActivation: swish)
    var previous = 16
    for (position, row) in (family == .v3Large ? Self.v3LargeRows : Self.v3SmallRows).enumerated() {
      blueprint.blocks.append(v3Block(row, position, inputs: inputs, after: previous))
      inputs = blueprint.blocks[position].outputs
      previous = row.out
    }
    blueprint.last = 6 * inputs
    return blueprint
  }

  /// The block of a row; `previous` is the output of the row before at width 1.
  private func v3Block(
    _ row: V3Row, _ position: Int, inputs: Int, after previous: Int
  ) -> Blueprint.Block {
    let stride = isForSmallImages ? row.small : row.s
    let outputs = channelCount(Double(row.out) * width)
    // Keras expands by the ratio that the row has at width 1, and never expands the first block.
    let expanded =
      style == .keras
      ? channelCount(Double(inputs) * (Double(row.exp) / Double(previous)))
      : channelCount(Double(row.exp) * width)
    return Blueprint.Block(
      inputs: inputs, expanded: expanded, outputs: outputs, kernel: isMinimalistic ? 3 : row.k,
      stride: stride, expands: style == .keras ? position > 0 : expanded != inputs,
      squeezed: row.se && !isMinimalistic ? channelCount(Double(expanded / 4)) : nil,
      activation: row.hs && !isMinimalistic ? .hardSwish : .relu,
      shortcut: Blueprint.Block.path(inputs: inputs, outputs: outputs, stride: stride))
  }
}
