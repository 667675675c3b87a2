import PlainNetworks

/// Random int8 TensorFlow Lite networks over all operators that can be imported, from moves that
/// each add an operator to what is there. Scales follow from what one input makes of the network, so
/// that codes are neither all alike nor all cut.
struct TFLiteGenerator: Generator {
  private(set) var sketch = TFLiteSketch()
  var draw: Draw
  /// The tensors that later moves may read, with the real values of the one input.
  private(set) var live: [Int] = []
  private(set) var samples: [Int: PlainTensor] = [:]

  init(seed: UInt64) {
    draw = Draw(seed: seed, part: 0xFFFF)
    let shape: [Int]
    switch draw.int(1...12) {
    case 1: shape = [draw.int(1...3), draw.int(1...40)]
    case 2: shape = [1, draw.int(1...9), draw.channels()]
    case 3: shape = [draw.int(2...3), draw.int(1...6), draw.int(1...6), draw.channels()]
    case 4: shape = draw.once(in: 3) ? [] : [draw.int(1...30)]
    default: shape = [1, draw.int(1...9), draw.int(1...9), draw.once(in: 3) ? 3 : draw.channels()]
    }
    let scale = Float(draw.real(0.004...0.06))
    sketch.tensors.append(
      .init(
        "input", shape, scales: [scale],
        zeroPoints: [draw.one(of: [-128, 0, draw.int(-128...127)])]))
    samples[0] = sketch.reals(0, draw.codes(shape.reduce(1, *)))
    live = [0]
  }

  mutating func finish() {
    // A file without operators is no int8 network.
    if sketch.nodes.isEmpty { table() }
    let read = Set(sketch.nodes.flatMap(\.inputs))
    let unread = live.filter { !read.contains($0) && sketch.tensors[$0].data == nil }
    sketch.output = draw.once(in: 12) ? draw.one(of: live) : unread.last ?? live[live.count - 1]
  }

  func shape(_ index: Int) -> [Int] { sketch.tensors[index].shape }

  /// A tensor of at most `limit` values whose shape `isMeant`: as a rule one of the last.
  mutating func pick(_ limit: Int = 4000, _ isMeant: ([Int]) -> Bool = { _ in true }) -> Int? {
    let possible = live.filter { isMeant(shape($0)) && shape($0).reduce(1, *) <= limit }
    guard !possible.isEmpty else { return nil }
    return draw.once(in: 4) ? draw.one(of: possible) : possible[possible.count - 1]
  }

  /// Adds a constant of integers that an operator reads as a parameter.
  mutating func parameters(_ values: [Int], _ shape: [Int]) -> Int {
    sketch.tensors.append(
      .init(
        "parameters\(sketch.tensors.count)", shape, .int32, data: .int32(values.map { Int32($0) })))
    return sketch.tensors.count - 1
  }

  /// Adds a constant tensor of codes.
  mutating func constant(
    _ shape: [Int], scales: [Float], zeroPoints: [Int], axis: Int = 0, _ codes: [Int8]
  ) -> Int {
    sketch.tensors.append(
      .init(
        "constant\(sketch.tensors.count)", shape, scales: scales, zeroPoints: zeroPoints,
        axis: axis,
        data: .int8(codes)))
    let index = sketch.tensors.count - 1
    samples[index] = sketch.reals(index, [])
    return index
  }

  /// Adds a bias in steps of the products of `scales`.
  mutating func bias(_ count: Int, scales: [Float]) -> Int {
    sketch.tensors.append(
      .init(
        "bias\(sketch.tensors.count)", [count], .int32, scales: scales,
        zeroPoints: scales.map { _ in 0 },
        data: .int32((0..<count).map { _ in Int32(draw.once(in: 8) ? 0 : draw.int(-4000...4000)) }))
    )
    return sketch.tensors.count - 1
  }

  /// What the output's codes stand for.
  enum Codes {
    /// A range that fits the values of the one input, or nearly.
    case own
    case same(Int)
    /// 0 to 255/256.
    case unit
    /// -1 to 127/128.
    case signedUnit
  }

  /// Adds an operator and its output.
  mutating func add(
    _ operation: TFLiteSketch.Operation, _ inputs: [Int], _ shape: [Int], _ codes: Codes,
    activation: Int = 0
  ) {
    sketch.tensors.append(
      .init("tensor\(sketch.tensors.count)", shape, scales: [1], zeroPoints: [0]))
    let output = sketch.tensors.count - 1
    let node = TFLiteSketch.Node(operation, inputs, output, activation: activation)
    let values = sketch.evaluated(node) { samples[$0] ?? PlainTensor([], [0]) }
    switch codes {
    case .own:
      var sums = node
      sums.activation = 0
      let largest = sketch.evaluated(sums) { samples[$0] ?? PlainTensor([], [0]) }.values
        .reduce(0) { max($0, abs($1)) }
      (sketch.tensors[output].scales, sketch.tensors[output].zeroPoints) = fitting(
        values, sumsUpTo: largest)
    case .same(let other):
      sketch.tensors[output].scales = sketch.tensors[other].scales
      sketch.tensors[output].zeroPoints = sketch.tensors[other].zeroPoints
    case .signedUnit:
      (sketch.tensors[output].scales, sketch.tensors[output].zeroPoints) = ([1.0 / 128], [0])
    case .unit:
      (sketch.tensors[output].scales, sketch.tensors[output].zeroPoints) = ([1.0 / 256], [-128])
    }
    samples[output] = values
    sketch.nodes.append(node)
    live.append(output)
  }

  /// Where an activation leaves next to nothing of large sums, codes are wider than what is left:
  /// a sum of 2^31 codes wraps in the runtime, and means nothing there.
  private mutating func fitting(
    _ values: PlainTensor, sumsUpTo largest: Double
  ) -> ([Float], [Int]) {
    let (low, high) = (min(values.values.min() ?? 0, 0), max(values.values.max() ?? 0, 0))
    let width = max(high - low, 1e-3, largest / 0x1p12) * draw.real(0.8...1.4)
    let scale = Float(width / 255)
    let zeroPoint = Int((-128 - low / Double(scale)).rounded())
    return ([scale], [draw.once(in: 8) ? 0 : min(max(zeroPoint, -128), 127)])
  }

  mutating func move() {
    switch draw.int(1...37) {
    case 1...5: convolution(isDepthwise: false)
    case 6...8: convolution(isDepthwise: true)
    case 9...11: fullyConnected()
    case 12...14: binary()
    case 15...16: pool()
    case 17...18: mean()
    case 19: softmax()
    case 20...22: table()
    case 23...25: reshape()
    case 26: pad()
    case 27: transpose()
    case 28...29: concatenation()
    case 30...31: resize()
    case 32: transposedConvolution()
    case 33: tile()
    case 34: extremum()
    case 35: squaredDifference()
    case 36: normalization()
    default: reverse()
    }
  }
}
