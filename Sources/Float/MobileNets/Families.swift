internal import NetworkGraph
internal import Tensors

extension Architecture {
  /// Source: Howard et al., "MobileNets", 2017, table 1.
  private static let v1Blocks = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
  ]
  private static let v1SmallBlocks = [
    (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
  ]

  /// V1: channels by stride, without expansion, shortcut or a linear end of the block.
  var v1Blueprint: Blueprint {
    // The paper's networks cut the product off where later families, and timm, round it.
    func channels(_ count: Int) -> Int {
      let product = Double(count) * width
      return style == .timm ? channelCount(product) : max(8, Int(product))
    }
    let activation: Activation = isUncapped ? .relu : .relu6
    var inputs = channels(32)
    var blueprint = Blueprint(
      stem: (inputs, isForSmallImages ? 1 : 2, activation), blocks: [], headActivation: activation)
    let rows = family == .v1Small ? Self.v1SmallBlocks : Self.v1Blocks
    for ((count, stride), stage) in zip(rows, Blueprint.stages(rows.map(\.0))) {
      blueprint.blocks.append(
        Blueprint.Block(
          stage: stage, inputs: inputs, expanded: inputs, outputs: channels(count), stride: stride,
          expands: false, activation: activation, outputActivation: activation, shortcut: .none))
      inputs = channels(count)
    }
    return blueprint
  }
}

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

extension Architecture {
  /// A block of V4; `out` channels at width 1.
  enum V4Block {
    /// A convolution with batch normalization and ReLU.
    case conv(k: Int, s: Int, out: Int)
    /// A full convolution that expands, then a 1 x 1 convolution.
    case fused(k: Int, s: Int, e: Int, out: Int)
    /// The universal inverted bottleneck: a depthwise convolution of `start` before the expansion
    /// and one of `middle` behind it, either of which may be absent (0).
    case universal(start: Int, middle: Int, s: Int, e: Int, out: Int)
  }

  /// Blocks by stage. Source: Qin et al., "MobileNetV4", 2024, tables 11 to 13, with the numbers of
  /// timm's `mobilenetv4_conv_small`, `_medium` and `_large`, which the published weights go with.
  var v4Stages: [[V4Block]] {
    switch family {
    case .v4ConvMedium: Self.v4Medium
    case .v4ConvLarge: Self.v4Large
    default: Self.v4Small
    }
  }

  private static let v4Small: [[V4Block]] = [
    [.conv(k: 3, s: 2, out: 32), .conv(k: 1, s: 1, out: 32)],
    [.conv(k: 3, s: 2, out: 96), .conv(k: 1, s: 1, out: 64)],
    universal(96, [(5, 5, 2, 3)], repeated((0, 3, 1, 2), 4), [(3, 0, 1, 4)]),
    universal(
      128, [(3, 3, 2, 6), (5, 5, 1, 4), (0, 5, 1, 4), (0, 5, 1, 3)], repeated((0, 3, 1, 4), 2)),
    [.conv(k: 1, s: 1, out: 960)],
  ]
  private static let v4Medium: [[V4Block]] = [
    [.fused(k: 3, s: 2, e: 4, out: 48)],
    universal(80, [(3, 5, 2, 4), (3, 3, 1, 2)]),
    universal(
      160, [(3, 5, 2, 6)], repeated((3, 3, 1, 4), 2),
      [(3, 5, 1, 4), (3, 3, 1, 4), (3, 0, 1, 4), (0, 0, 1, 2), (3, 0, 1, 4)]),
    universal(
      256, [(5, 5, 2, 6), (5, 5, 1, 4)], repeated((3, 5, 1, 4), 2),
      [(0, 0, 1, 4), (3, 0, 1, 4), (3, 5, 1, 2), (5, 5, 1, 4)], repeated((0, 0, 1, 4), 2),
      [(5, 0, 1, 2)]),
    [.conv(k: 1, s: 1, out: 960)],
  ]
  private static let v4Large: [[V4Block]] = [
    [.fused(k: 3, s: 2, e: 4, out: 48)],
    universal(96, [(3, 5, 2, 4), (3, 3, 1, 4)]),
    universal(
      192, [(3, 5, 2, 4)], repeated((3, 3, 1, 4), 3), [(3, 5, 1, 4)],
      repeated((5, 3, 1, 4), 5), [(3, 0, 1, 4)]),
    universal(
      512, [(5, 5, 2, 4)], repeated((5, 5, 1, 4), 3), [(5, 0, 1, 4), (5, 3, 1, 4)],
      repeated((5, 0, 1, 4), 2), [(5, 3, 1, 4), (5, 5, 1, 4)], repeated((5, 0, 1, 4), 3)),
    [.conv(k: 1, s: 1, out: 960)],
  ]

  /// Kernels before and behind the expansion, stride and expansion.
  private typealias V4Row = (start: Int, middle: Int, s: Int, e: Int)

  private static func universal(_ out: Int, _ rows: [V4Row]...) -> [V4Block] {
    rows.joined().map {
      .universal(start: $0.start, middle: $0.middle, s: $0.s, e: $0.e, out: out)
    }
  }

  private static func repeated(_ row: V4Row, _ count: Int) -> [V4Row] {
    [V4Row](repeating: row, count: count)
  }
}

extension GraphBuilder {
  /// V4 from the stem to the features of the classifier, under timm's names.
  mutating func mobileNetV4() throws(BuildError) {
    let isSmall = architecture.isForSmallImages
    // timm scales neither the stem below width 1 nor the features of the head at all.
    let stem = architecture.family == .v4ConvLarge ? 24 : 32
    try convolution(
      LayerNames("conv_stem", "bn1"), v4Channels(stem, atLeast: 1), kernel: 3,
      stride: isSmall ? 1 : 2, .relu)
    for (stage, blocks) in architecture.v4Stages.enumerated() {
      for (position, block) in blocks.enumerated() {
        // Small images keep their size in the first stage, too.
        try v4Block(block, "blocks.\(stage).\(position)", keepsSize: isSmall && stage == 0)
      }
    }
    try add("pool", .globalAveragePool)
    try convolution(LayerNames("conv_head", "norm_head"), 1280, .relu)
  }

  private func v4Channels(_ count: Int, atLeast width: Double = 0) -> Int {
    channelCount(Double(count) * max(width, architecture.width))
  }

  private mutating func v4Block(
    _ block: Architecture.V4Block, _ name: String, keepsSize: Bool
  ) throws(BuildError) {
    let input = current
    let inputs = shape.channels
    func names(_ layer: String) -> LayerNames {
      LayerNames("\(name).\(layer).conv", "\(name).\(layer).bn")
    }
    switch block {
    case .conv(let k, let s, let out):
      return try convolution(
        LayerNames("\(name).conv", "\(name).bn1"), v4Channels(out), kernel: k,
        stride: keepsSize ? 1 : s, .relu)
    case .fused(let k, let s, let e, let out):
      try convolution(
        LayerNames("\(name).conv_exp", "\(name).bn1"), channelCount(Double(inputs * e)), kernel: k,
        stride: keepsSize ? 1 : s, .relu)
      try convolution(LayerNames("\(name).conv_pwl", "\(name).bn2"), v4Channels(out), nil)
    case .universal(let start, let middle, let s, let e, let out):
      if start > 0 {
        try depthwise(names("dw_start"), kernel: start, stride: middle == 0 ? s : 1, nil)
      }
      try convolution(names("pw_exp"), channelCount(Double(inputs * e)), .relu)
      if middle > 0 { try depthwise(names("dw_mid"), kernel: middle, stride: s, .relu) }
      try convolution(names("pw_proj"), v4Channels(out), nil)
    }
    guard graph.tensors[input].shape == shape else { return }
    let output = current
    current = input
    try add("\(name).add", .add, with: output)
  }
}
