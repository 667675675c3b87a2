import PlainNetworks

/// Random ONNX networks over all operators that can be imported, in all spellings of all operator
/// sets, from moves that each add a few nodes to what is there.
struct ONNXGenerator: Generator {
  /// A value that later moves may read.
  struct Live {
    enum Kind { case image, vector, flat(channels: Int, height: Int, width: Int) }

    let name: String
    let kind: Kind
    let sizes: [Int]

    var channels: Int { sizes[1] }
    var pixels: Int { sizes.dropFirst(2).reduce(1, *) }
    var isImage: Bool { if case .image = kind { true } else { false } }
    var isVector: Bool { if case .vector = kind { true } else { false } }
  }

  private(set) var sketch: ONNXSketch
  var draw: Draw
  private(set) var live: [Live] = []
  private var count = 0

  init(seed: UInt64) {
    draw = Draw(seed: seed, part: -1 & 0xFFFF)
    let sizes = [1, draw.once(in: 3) ? 3 : draw.channels(), draw.int(1...9), draw.int(1...9)]
    let isChannelsLast = draw.once(in: 6)
    sketch = ONNXSketch(
      opset: draw.one(of: [7, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 21]),
      inputSizes: isChannelsLast ? [1, sizes[2], sizes[3], sizes[1]] : sizes)
    var name = "x"
    if isChannelsLast {
      name = "start"
      sketch.nodes.append(
        .init("Transpose", ["x"], [name], ["perm": .integers([0, 3, 1, 2])]))
    }
    live = [Live(name: name, kind: .image, sizes: sizes)]
  }

  /// The last value that can be an output, now and then an earlier one, in either order of axes.
  mutating func finish() {
    let possible = live.filter { if case .flat = $0.kind { false } else { true } }
    let chosen = draw.once(in: 12) ? draw.one(of: possible) : possible[possible.count - 1]
    sketch.output = chosen.name
    if chosen.isImage, chosen.pixels > 1, draw.once(in: 5) {
      sketch.output = add(
        "Transpose", [chosen.name], ["perm": .integers([0, 2, 3, 1])], sizes: chosen.sizes)
    }
  }

  /// A value that `isMeant`: as a rule one of the last.
  mutating func pick(_ isMeant: (Live) -> Bool) -> Live? {
    let possible = live.filter(isMeant)
    guard !possible.isEmpty else { return nil }
    return draw.once(in: 4) ? draw.one(of: possible) : possible[possible.count - 1]
  }

  /// Adds a node and returns its output.
  @discardableResult
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXSketch.Attribute] = [:],
    sizes: [Int], kind: Live.Kind? = nil
  ) -> String {
    count += 1
    let name = "v\(count)"
    sketch.nodes.append(.init(operation, inputs, [name], attributes))
    if let kind { live.append(Live(name: name, kind: kind, sizes: sizes)) }
    return name
  }

  /// Adds a node with several outputs, all images of these sizes.
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXSketch.Attribute],
    parts: [[Int]]
  ) {
    let names = parts.map { _ in
      count += 1
      return "v\(count)"
    }
    sketch.nodes.append(.init(operation, inputs, names, attributes))
    live += zip(names, parts).map { Live(name: $0, kind: .image, sizes: $1) }
  }

  mutating func floats(_ sizes: [Int], _ values: [Double]) -> String {
    count += 1
    sketch.constants["c\(count)"] = .init(PlainTensor(sizes, values.map { Double(Float($0)) }))
    return "c\(count)"
  }

  mutating func integers(_ values: [Int]) -> String {
    count += 1
    sketch.constants["c\(count)"] = .init(
      PlainTensor([values.count], values.map(Double.init)), isInteger: true)
    return "c\(count)"
  }

  /// `values` as an attribute before operator set `opset` and as an input from then on.
  mutating func listed(
    _ name: String, _ values: [Int], inputSince opset: Int, after inputs: [String]
  ) -> (inputs: [String], attributes: [String: ONNXSketch.Attribute]) {
    sketch.opset < opset
      ? (inputs, [name: .integers(values)]) : (inputs + [integers(values)], [:])
  }

  mutating func move() {
    switch draw.int(1...43) {
    case 1...5: convolution()
    case 6...8: activation()
    case 9: batchNormalization()
    case 10...11: constantArithmetic()
    case 12...13: binary()
    case 14: gate()
    case 15...16: pool()
    case 17: globalPool()
    case 18: pad()
    case 19...20: flatten()
    case 21...22: matrix()
    case 23: softmax()
    case 24: channelsLast()
    case 25: planes()
    case 26: idle()
    case 27: back()
    case 28...30: concatenation()
    case 31: slice()
    case 32: split()
    case 33: gather()
    case 34: shuffle()
    case 35: blocks()
    case 36: transposedConvolution()
    case 37...38: resize()
    case 39: quotient()
    case 40...41: repetition()
    case 42: pixelMatrix()
    default: sizesOfOne()
    }
  }
}
