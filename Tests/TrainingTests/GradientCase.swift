import NetworkGraph
import Tensors
import TestSupport
import Testing

/// A small network around one operator: its input is a convolution, so that the gradient of that
/// convolution's weights is right only if the operator's input gradient is.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let name: String
  let graph: Graph
  var testDescription: String { name }

  private init(_ name: String, _ build: (inout Maker) throws -> Void) {
    var maker = Maker(seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xFFFF))
    do {
      try build(&maker)
    } catch {
      preconditionFailure("\(name): \(error)")
    }
    maker.graph.output = maker.current
    (self.name, graph) = (name, maker.graph)
  }

  static let all: [GradientCase] =
    convolutions + depthwise + pools + others
    + Activation.allCases.flatMap { activation in
      [
        GradientCase("\(activation)") {
          try $0.conv(8, kernel: 1)
          try $0.add(.activation(activation))
          try $0.conv(3, kernel: 1)
        },
        GradientCase("normalized \(activation)") {
          try $0.conv(11, kernel: 1)
          try $0.normalize()
          try $0.add(.activation(activation))
          try $0.conv(3, kernel: 1)
        },
      ]
    }

  private static let convolutions = [
    (1, 1, 1, 0, 1), (3, 1, 1, 1, 1), (3, 2, 1, 1, 1), (3, 1, 2, 2, 1), (5, 2, 1, 2, 1),
    (2, 1, 1, 0, 1), (1, 2, 1, 0, 1), (3, 1, 1, 1, 2), (3, 2, 2, 1, 3),
  ].map { kernel, stride, dilation, padding, groups in
    GradientCase("conv \(kernel) stride \(stride) dilation \(dilation) groups \(groups)") {
      try $0.conv(6, kernel: 1)
      try $0.conv(
        groups == 1 ? 9 : 6, kernel: kernel, stride: stride, dilation: dilation, padding: padding,
        groups: groups)
    }
  }

  private static let depthwise = [
    (3, 1, 1, 1, 1), (3, 2, 1, 1, 1), (5, 1, 1, 2, 1), (5, 2, 1, 1, 1), (3, 1, 2, 2, 1),
    (3, 1, 1, 3, 1), (3, 1, 1, 1, 2), (3, 2, 2, 2, 3), (2, 3, 1, 0, 1),
  ].map { kernel, stride, dilation, padding, multiplier in
    GradientCase(
      "depthwise \(kernel) stride \(stride) dilation \(dilation) padding \(padding) x\(multiplier)"
    ) {
      try $0.conv(13, kernel: 1)
      try $0.depthwise(
        kernel: kernel, stride: stride, dilation: dilation, padding: padding,
        multiplier: multiplier)
    }
  }

  private static let pools: [GradientCase] = [(2, 2, 0), (3, 2, 1), (3, 1, 1)].flatMap {
    kernel, stride, padding in
    let pool = Operator.Pool(
      kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
      padding: Padding(top: padding, left: padding, bottom: padding, right: padding))
    return [("average", Operator.averagePool(pool)), ("max", .maxPool(pool))].map { name, pool in
      GradientCase("\(name) pool \(kernel) stride \(stride)") {
        try $0.conv(5, kernel: 1)
        try $0.add(pool)
      }
    }
  }

  private static let others = [
    GradientCase("normalization") {
      try $0.conv(17, kernel: 1)
      try $0.normalize()
    },
    GradientCase("residual sum") {
      try $0.conv(5, kernel: 1)
      let first = $0.current
      try $0.conv(5, kernel: 3, padding: 1)
      try $0.add(.add, with: first)
    },
    GradientCase("twice the same") {
      try $0.conv(5, kernel: 1)
      try $0.add(.multiply, with: $0.current)
    },
    GradientCase("squeeze and excitation") {
      try $0.conv(9, kernel: 1)
      let features = $0.current
      try $0.add(.globalAveragePool)
      try $0.conv(4, kernel: 1)
      try $0.add(.activation(.relu))
      try $0.conv(9, kernel: 1)
      try $0.add(.activation(.hardSigmoid))
      try $0.add(.multiply, with: features)
    },
    GradientCase("concatenation") {
      try $0.conv(5, kernel: 1)
      let first = $0.current
      try $0.conv(3, kernel: 3, padding: 1)
      try $0.add(.concatenate(Operator.Concatenate(axis: 3, operandCount: 2)), with: first)
      try $0.conv(2, kernel: 1)
    },
    GradientCase("shuffled channels and a slice") {
      try $0.conv(6, kernel: 1)
      let order = StridedOrder([1, 42, 2, 3], permutation: [0, 1, 3, 2])
      try $0.add(.rearrange(Operator.Rearrange(order, shape: $0.shape)))
      let slice = StridedOrder(
        $0.shape, begin: [0, 6, 1, 2], count: [1, 3, 5, 4], step: [1, -2, 1, 1])
      try $0.add(.rearrange(Operator.Rearrange(slice, shape: [1, 3, 5, 4])))
      try $0.conv(2, kernel: 1)
    },
    GradientCase("resize") {
      try $0.conv(3, kernel: 1)
      let input = $0.shape.extent
      let rows = (0..<2 * input.height + 1).map { Double($0) * 0.45 }
      let columns = (0..<input.width + 2).map { Double($0) * 0.7 - 0.2 }
      try $0.add(.resize(Operator.Resize(input: input, rows: rows, columns: columns)))
    },
    GradientCase("pad and flatten") {
      try $0.conv(3, kernel: 1)
      try $0.add(.pad(Padding(top: 1, left: 0, bottom: 2, right: 1)))
      try $0.add(.reshape(Shape([1, $0.shape.count])))
      try $0.fullyConnected(7)
    },
    GradientCase("classifier with softmax") {
      try $0.conv(6, kernel: 3, stride: 2)
      try $0.add(.globalAveragePool)
      try $0.add(.reshape(Shape([1, 6])))
      try $0.fullyConnected(4)
      try $0.add(.softmax)
    },
  ]
}

/// Adds operators with random weights one behind the other.
struct Maker {
  var graph: Graph
  var current: Int
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    graph = Graph(name: "case", preprocessing: .none)
    current = graph.addTensor("input", Shape(height: 7, width: 6, channels: 3))
  }

  var shape: Shape { graph.tensors[current].shape }

  mutating func add(_ operation: Operator, with other: Int? = nil) throws {
    current = try graph.add(
      "n\(graph.nodes.count)", operation, inputs: [current] + (other.map { [$0] } ?? []))
  }

  mutating func conv(
    _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, padding: Int = 0,
    groups: Int = 1
  ) throws {
    let inputs = shape.channels
    try add(
      .conv2D(
        Operator.Conv2D(
          weights: random.floats(outputs * kernel * kernel * inputs / groups, in: -0.5...0.5),
          bias: random.floats(outputs, in: -0.5...0.5), kernel: Extent(kernel, kernel),
          stride: Extent(stride, stride), dilation: Extent(dilation, dilation),
          padding: Padding(top: padding, left: padding, bottom: padding, right: padding),
          inputChannels: inputs, outputChannels: outputs, groups: groups)))
  }

  mutating func depthwise(
    kernel: Int, stride: Int, dilation: Int, padding: Int, multiplier: Int
  ) throws {
    let channels = shape.channels
    try add(
      .depthwiseConv2D(
        Operator.DepthwiseConv2D(
          weights: random.floats(kernel * kernel * channels * multiplier, in: -0.5...0.5),
          bias: random.floats(channels * multiplier, in: -0.5...0.5),
          kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
          dilation: Extent(dilation, dilation),
          padding: Padding(top: padding, left: padding, bottom: padding, right: padding),
          channels: channels, multiplier: multiplier)))
  }

  mutating func fullyConnected(_ outputs: Int) throws {
    let inputs = shape.count
    try add(
      .fullyConnected(
        Operator.FullyConnected(
          weights: random.floats(outputs * inputs, in: -0.5...0.5),
          bias: random.floats(outputs, in: -0.5...0.5), inputCount: inputs,
          outputCount: outputs)))
  }

  mutating func normalize() throws {
    let channels = shape.channels
    try add(
      .batchNormalization(
        Operator.BatchNormalization(
          scale: random.floats(channels, in: 0.5...1.5),
          offset: random.floats(channels, in: -0.5...0.5))))
  }
}
