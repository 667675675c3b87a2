internal import NetworkGraph
internal import Tensors

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
