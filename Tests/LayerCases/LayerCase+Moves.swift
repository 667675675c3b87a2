import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  static let maxPool: [LayerCase] = [
    ("2x2", Extent(7, 6), Extent(2, 2), Padding.none, 17),
    (
      "3x3-padded", Extent(5, 5), Extent(3, 3),
      Padding(top: 1, left: 1, bottom: 1, right: 1), 3
    ),
    ("one-pixel", Extent(1, 1), Extent(1, 1), .none, 1),
  ].map { name, input, kernel, padding, channels in
    let stride = Extent(2, 2)
    let output = padding.output(input: input, kernel: kernel, stride: stride) ?? .unit
    let window = Window(
      input: input, output: output, kernel: kernel, stride: stride,
      padding: Extent(padding.top, padding.left))
    let layer = Pool(.maximum, window, channels: channels, clamp: -100...90)
    return LayerCase(
      "max-pool-" + name, .pool(layer),
      input: Shape(height: input.height, width: input.width, channels: channels),
      output: Shape(height: output.height, width: output.width, channels: channels))
  }

  static let softmax: [LayerCase] = [
    ("10", 10, 1, 0.17), ("one-value", 1, 1, 0.1), ("rows", 7, 3, 0.02), ("steep", 5, 2, 20),
    ("flat", 300, 1, 1e-5), ("too-flat-to-reach-a-code", 1001, 1, 1e-6),
  ].compactMap { name, depth, rows, scale in
    Softmax(depth: depth, inputScale: scale).map { layer in
      LayerCase(
        "softmax-" + name, .softmax(layer), input: Shape([rows, depth]),
        output: Shape([rows, depth]))
    }
  }

  static let l2Normalization: [LayerCase] = [
    ("10", 10, 1, -3), ("one-value", 1, 1, 5), ("rows", 7, 3, 127), ("long", 1001, 1, -128),
    ("longest", L2Normalization.largestDepth, 1, -128),
  ].map { name, depth, rows, zeroPoint in
    LayerCase(
      "l2-normalization-" + name,
      .l2Normalization(L2Normalization(depth: depth, inputZeroPoint: Int32(zeroPoint))),
      input: Shape([rows, depth]), output: Shape([rows, depth]))
  }

  static let extremum: [LayerCase] = [
    ("maximum", Extremum.Choice.maximum, [1, 3, 5, 7], [1, 3, 5, 7]),
    ("maximum-channelwise", .maximum, [1, 4, 3, 17], [1, 1, 1, 17]),
    ("minimum-scalar", .minimum, [1, 3, 3, 3], [1, 1, 1, 1]),
    ("minimum-row", .minimum, [1, 4, 1, 3], [1, 4, 5, 3]),
  ].enumerated().compactMap { seed, row -> LayerCase? in
    let (name, choice, a, b) = (row.0, row.1, Shape(row.2), Shape(row.3))
    var random = RandomConstants(seed: UInt64(700 + seed))
    guard let broadcast = Broadcast(a, b) else { return nil }
    let constant = QuantizedTensor(
      name: "constant", shape: b, scale: 0.05, zeroPoint: 3, constant: random.weights(b.count))
    return LayerCase(
      name, .extremum(Extremum(choice, broadcast: broadcast)), input: a,
      output: Shape(broadcast.shape), second: constant)
  }

  static let copy: [LayerCase] = [
    pad("sides", [1, 3, 4, 5], [0, 1, 2, 0], [1, 5, 7, 5]),
    pad("every-axis", [2, 3, 1, 3], [1, 0, 2, 1], [4, 3, 4, 5]),
    pad("vector", [17], [2], [20]),
    transpose("nchw", [1, 3, 5, 7], [0, 3, 1, 2]),
    transpose("matrix", [9, 17], [1, 0]),
    transpose("identity", [2, 3, 4], [0, 1, 2]),
    rearrange(
      "slice",
      StridedOrder([1, 5, 6, 17], begin: [0, 1, 0, 3], count: [1, 3, 6, 9], step: [1, 1, 1, 1]),
      of: [1, 5, 6, 17], [1, 3, 6, 9]),
    rearrange(
      "backwards",
      StridedOrder(
        [1, 5, 6, 7], begin: [0, 4, 0, 6], count: [1, 3, 2, 7], step: [1, -2, 3, -1]),
      of: [1, 5, 6, 7], [1, 3, 2, 7]),
    rearrange(
      "one-value", StridedOrder(start: 8, []), of: [9], [1]),
  ]

  /// Six axes, which take several layers: the values of `[2, 3, 2, 5, 3, 7]` all turned around.
  static let manyMovedAxes: [LayerCase] = {
    let input: Shape = [2, 3, 2, 5, 3, 7]
    let order = StridedOrder(input, permutation: [4, 2, 0, 5, 3, 1])
    let tensors = [("input", input), ("output", [3, 2, 2, 7, 5, 3])].map {
      QuantizedTensor(name: $0, shape: $1, scale: 0.05, zeroPoint: 0)
    }
    let copies = Copy.rearranging(order, inputCount: input.count)
    return [
      LayerCase(
        "rearrange-six-axes", tensors: tensors,
        layers: copies.enumerated().map {
          Layer(name: "part \($0)", operation: .copy($1), inputs: [0], output: 1)
        }, output: 1)
    ]
  }()

  private static func rearrange(
    _ name: String, _ order: StridedOrder, of input: Shape, _ output: Shape
  ) -> LayerCase {
    LayerCase(
      "rearrange-" + name, .copy(Copy.rearranging(order, inputCount: input.count)[0]),
      input: input, output: output)
  }

  private static func pad(
    _ name: String, _ input: Shape, _ before: [Int], _ output: Shape
  ) -> LayerCase {
    LayerCase(
      "pad-" + name, .copy(.pad(input, before: before, to: output, fill: -77)), input: input,
      output: output)
  }

  private static func transpose(_ name: String, _ input: Shape, _ axes: [Int]) -> LayerCase {
    LayerCase(
      "transpose-" + name, .copy(.transpose(input, axes: axes)), input: input,
      output: Shape(axes.map { input.dimensions[$0] }))
  }

  /// The input beside its negative along each axis: two layers that fill one tensor.
  static let concatenation: [LayerCase] = (0..<3).map { axis in
    let input: Shape = [2, 3, 5]
    var output = input
    output.dimensions[axis] *= 2
    let size = input.dimensions[axis]
    let negative = Lookup(
      function: nil, count: input.count, table: LookupTable { Int8(clamping: -Int($0)) })
    let tensors = [("input", input), ("negative", input), ("output", output)].map {
      QuantizedTensor(name: $0, shape: $1, scale: 0.05, zeroPoint: 0)
    }
    return LayerCase(
      "concatenation-axis-\(axis)", tensors: tensors,
      layers: [
        Layer(
          name: "first", operation: .copy(.part(input, axis: axis, offset: 0, of: output)),
          inputs: [0], output: 2),
        Layer(name: "negative", operation: .lookup(negative), inputs: [0], output: 1),
        Layer(
          name: "second", operation: .copy(.part(input, axis: axis, offset: size, of: output)),
          inputs: [1], output: 2),
      ], output: 2)
  }
}
