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
    var inputs = v3Stem
    var blueprint = Blueprint(
      stem: (inputs, isForSmallImages ? 1 : 2, swish), blocks: [],
      hidden: channelCount(Double(hidden) * v3HeadWidth), headActivation: swish)
    var previous = 16
    let rows = family == .v3Large ? Self.v3LargeRows : Self.v3SmallRows
    let stages = Blueprint.stages(rows.map(\.out))
    for (position, row) in rows.enumerated() {
      var block = v3Block(row, position, inputs: inputs, after: previous)
      block.stage = stages[position]
      blueprint.blocks.append(block)
      inputs = block.outputs
      previous = row.out
    }
    blueprint.last = style == .timm ? channelCount(6 * Double(previous) * width) : 6 * inputs
    return blueprint
  }

  /// Channels of the stem, which Keras never scales and timm only from width 0.75 on.
  private var v3Stem: Int {
    switch style {
    case .torchvision: channelCount(16 * width)
    case .keras: 16
    case .timm: width < 0.75 ? 16 : channelCount(16 * width)
    }
  }

  /// What the hidden layer of the head is scaled by: below width 1 nothing in Keras, and never
  /// anything in timm.
  private var v3HeadWidth: Double {
    switch style {
    case .torchvision: width
    case .keras: max(1, width)
    case .timm: 1
    }
  }

  /// The block of a row; `previous` is the output of the row before at width 1.
  private func v3Block(
    _ row: V3Row, _ position: Int, inputs: Int, after previous: Int
  ) -> Blueprint.Block {
    let stride = isForSmallImages ? row.small : row.s
    let outputs = channelCount(Double(row.out) * width)
    // Keras and timm expand by the ratio of the row at width 1, and never expand the first block.
    let expanded =
      style != .torchvision
      ? channelCount(Double(inputs) * (Double(row.exp) / Double(previous)))
      : channelCount(Double(row.exp) * width)
    return Blueprint.Block(
      stage: 0, inputs: inputs, expanded: expanded, outputs: outputs,
      kernel: isMinimalistic ? 3 : row.k,
      stride: stride, expands: style == .torchvision ? expanded != inputs : position > 0,
      squeezed: row.se && !isMinimalistic ? channelCount(Double(expanded / 4)) : nil,
      activation: row.hs && !isMinimalistic ? .hardSwish : .relu,
      shortcut: Blueprint.Block.path(inputs: inputs, outputs: outputs, stride: stride))
  }
}
