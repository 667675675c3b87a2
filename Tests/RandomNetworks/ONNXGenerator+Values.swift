import PlainNetworks

/// What works value by value, or channel by channel.
extension ONNXGenerator {
  mutating func activation() {
    guard let source = pick({ _ in true }) else { return }
    activation(of: source)
  }

  @discardableResult
  mutating func activation(of source: Live) -> String {
    let (x, sizes, kind) = (source.name, source.sizes, source.kind)
    switch draw.int(1...14) {
    case 10...14: return curve(x, sizes, kind)
    case 1...2: return add("Relu", [x], sizes: sizes, kind: kind)
    case 3: return clip(x, 0, draw.one(of: [6, 6, 6, 1, 2.5]), sizes, kind)
    case 4: return add("Sigmoid", [x], sizes: sizes, kind: kind)
    case 5:
      let alpha = draw.one(of: [1.0 / 6, 0.2, 0.5, -0.3])
      let beta = draw.one(of: [0.5, 0.5, 0.1])
      var attributes: [String: ONNXSketch.Attribute] = ["alpha": .real(Float(alpha))]
      if draw.once(in: 2) { attributes["beta"] = .real(Float(beta)) }
      if draw.once(in: 4) { attributes["alpha"] = nil }
      return add("HardSigmoid", [x], attributes, sizes: sizes, kind: kind)
    case 6 where sketch.opset >= 14: return add("HardSwish", [x], sizes: sizes, kind: kind)
    case 6...7: return hardSwish(x, sizes, kind)
    case 8:
      let scaled = add("Mul", [x, scalar(0.2)], sizes: sizes)
      let moved = add("Add", [scaled, scalar(0.5)], sizes: sizes)
      return clip(moved, 0, 1, sizes, kind)
    default:
      // x * sigmoid(x)
      let gate = add("Sigmoid", [x], sizes: sizes)
      return add("Mul", [x, gate], sizes: sizes, kind: kind)
    }
  }

  /// In one of the ways in which exporters spell it.
  private mutating func hardSwish(_ x: String, _ sizes: [Int], _ kind: Live.Kind) -> String {
    guard draw.once(in: 2) else {
      let gate = add(
        "HardSigmoid", [x], ["alpha": .real(1.0 / 6), "beta": .real(0.5)], sizes: sizes)
      return add("Mul", [x, gate], sizes: sizes, kind: kind)
    }
    let moved = add("Add", [x, scalar(3)], sizes: sizes)
    let cut = clip(moved, 0, 6, sizes, nil)
    if draw.once(in: 2) {
      let product = add("Mul", [x, cut], sizes: sizes)
      return add("Div", [product, scalar(6)], sizes: sizes, kind: kind)
    }
    let gate = add("Mul", [cut, scalar(1.0 / 6)], sizes: sizes)
    return add("Mul", [gate, x], sizes: sizes, kind: kind)
  }

  mutating func scalar(_ value: Double) -> String {
    floats(draw.one(of: [[], [1]]), [value])
  }

  private mutating func clip(
    _ x: String, _ low: Double, _ high: Double, _ sizes: [Int], _ kind: Live.Kind?
  ) -> String {
    guard sketch.opset >= 11 else {
      return add(
        "Clip", [x], ["min": .real(Float(low)), "max": .real(Float(high))], sizes: sizes, kind: kind
      )
    }
    return add("Clip", [x, floats([], [low]), floats([], [high])], sizes: sizes, kind: kind)
  }

  mutating func batchNormalization() {
    guard let source = pick({ $0.isImage || $0.isVector }) else { return }
    let channels = source.channels
    var attributes: [String: ONNXSketch.Attribute] = [:]
    if draw.once(in: 2) { attributes["epsilon"] = .real(1e-3) }
    if draw.once(in: 2) { attributes["momentum"] = .real(0.9) }
    let numbers = [(1.0, 0.8), (0, 0.5), (0, 0.5)].map { center, spread in
      floats([channels], draw.numbers(channels, around: center, by: spread))
    }
    let variance = floats([channels], (0..<channels).map { _ in draw.real(0.1...2) })
    add(
      "BatchNormalization", [source.name] + numbers + [variance], attributes, sizes: source.sizes,
      kind: source.kind)
  }

  /// A constant for all channels or for each, added to, taken from, multiplied by or dividing.
  mutating func constantArithmetic() {
    guard let source = pick({ $0.isImage || $0.isVector }) else { return }
    let operation = draw.one(of: ["Add", "Sub", "Mul", "Div"])
    let channels = source.channels
    var sizes = draw.one(of: [[], [1], [channels]])
    if source.isImage, sizes == [channels] {
      sizes = draw.one(of: [[channels, 1, 1], [1, channels, 1, 1]])
    } else if draw.once(in: 2), sizes == [channels] {
      sizes = [1, channels]
    }
    let count = sizes.reduce(1, *)
    let isFactor = operation == "Mul" || operation == "Div"
    var values = draw.numbers(count, around: isFactor ? 1 : 0, by: 0.7)
    if operation == "Div" { values = values.map { abs($0) < 0.2 ? 1 : $0 } }
    var inputs = [source.name, floats(sizes, values)]
    if operation != "Div", draw.once(in: 4) { inputs.reverse() }
    add(operation, inputs, sizes: source.sizes, kind: source.kind)
  }

  /// Two values of one shape, or of shapes that meet.
  mutating func binary() {
    guard let a = pick({ $0.isImage || $0.isVector }) else { return }
    let others = live.filter { other in
      a.isImage == other.isImage && (other.isImage || other.isVector)
        && zip(a.sizes, other.sizes).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
    }
    guard !others.isEmpty else { return }
    let b = draw.one(of: others)
    let sizes = zip(a.sizes, b.sizes).map(max)
    let operation = draw.one(of: ["Add", "Add", "Mul", "Sub", "Max", "Min", "Sum", "Mean"])
    let sum = add(operation, [a.name, b.name], sizes: sizes, kind: a.kind)
    if draw.once(in: 3), let last = live.last, last.name == sum { activation(of: last) }
  }

  /// What is greater than 0 divided or its logarithm taken.
  mutating func quotient() {
    guard let source = pick({ $0.isImage || $0.isVector }) else { return }
    let (sizes, kind) = (source.sizes, source.kind)
    let magnitude = add("Abs", [source.name], sizes: sizes)
    let divisor = add("Add", [magnitude, scalar(0.5)], sizes: sizes)
    switch draw.int(1...3) {
    case 1: add("Log", [divisor], sizes: sizes, kind: kind)
    case 2: add("Reciprocal", [divisor], sizes: sizes, kind: kind)
    default: add("Div", [source.name, divisor], sizes: sizes, kind: kind)
    }
  }

  /// An image more than once, or its means as often as it has pixels.
  mutating func repetition() {
    guard let image = pick({ $0.isImage && $0.pixels < 64 }) else { return }
    if sketch.opset >= 8, draw.once(in: 2) {
      let mean = add("GlobalAveragePool", [image.name], sizes: [1, image.channels, 1, 1])
      let all = add("Expand", [mean, integers(image.sizes)], sizes: image.sizes)
      add("Mul", [image.name, all], sizes: image.sizes, kind: .image)
    } else {
      let times = [1, draw.int(1...2), draw.int(1...2), draw.int(1...2)]
      add(
        "Tile", [image.name, integers(times)], sizes: zip(image.sizes, times).map { $0 * $1 },
        kind: .image)
    }
  }

  /// A matrix times the channels of every pixel.
  mutating func pixelMatrix() {
    guard let image = pick(\.isImage) else { return }
    let (channels, outputs) = (image.channels, draw.channels())
    let rows = [1, image.sizes[2], image.sizes[3]]
    let last = add(
      "Transpose", [image.name], ["perm": .integers([0, 2, 3, 1])], sizes: rows + [channels])
    let matrix = floats(
      [channels, outputs], draw.weights(outputs: outputs, taps: channels))
    let product = add("MatMul", [last, matrix], sizes: rows + [outputs])
    add(
      "Transpose", [product], ["perm": .integers([0, 3, 1, 2])],
      sizes: [1, outputs, rows[1], rows[2]], kind: .image)
  }

  /// Squeeze-and-excitation.
  mutating func gate() {
    guard let image = pick(\.isImage) else { return }
    let channels = image.channels
    let mean = add("GlobalAveragePool", [image.name], sizes: [1, channels, 1, 1])
    let weights = floats(
      [channels, channels, 1, 1], draw.weights(outputs: channels, taps: channels))
    let excited = add("Conv", [mean, weights], sizes: [1, channels, 1, 1])
    let gate = add(
      draw.one(of: ["Sigmoid", "HardSigmoid"]), [excited], sizes: [1, channels, 1, 1])
    let operands = draw.once(in: 2) ? [image.name, gate] : [gate, image.name]
    add("Mul", operands, sizes: image.sizes, kind: .image)
  }

  /// Over channels, as each operator set spells it.
  mutating func softmax() {
    let isNew = sketch.opset >= 13
    guard
      let source = pick({ $0.isVector || $0.isImage && (isNew || $0.pixels == 1) })
    else { return }
    let axis = draw.one(of: source.isVector ? [1, -1] : [1, -3])
    var attributes: [String: ONNXSketch.Attribute] = ["axis": .integer(axis)]
    if source.isVector, draw.once(in: 3) { attributes = [:] }
    add("Softmax", [source.name], attributes, sizes: source.sizes, kind: source.kind)
  }
}
