import PlainNetworks

/// What arranges values anew, and what needs them in another arrangement.
extension ONNXGenerator {
  /// Values of a row: what recipes take for a matrix grows with the cube of its columns.
  private static let mostColumns = 1024

  /// All of an image in one row.
  mutating func flatten() {
    guard let image = pick({ $0.isImage && $0.sizes.reduce(1, *) <= Self.mostColumns }) else {
      return
    }
    let (count, channels) = (image.sizes.reduce(1, *), image.channels)
    let kind: Live.Kind =
      image.pixels == 1
      ? .vector : .flat(channels: channels, height: image.sizes[2], width: image.sizes[3])
    switch draw.int(1...4) {
    case 1: add("Flatten", [image.name], sizes: [1, count], kind: kind)
    case 2:
      add(
        "Flatten", [image.name], ["axis": .integer(draw.one(of: [1, -3]))], sizes: [1, count],
        kind: kind)
    default:
      let target = draw.one(of: [[1, -1], [0, -1], [-1, count], [1, count]])
      add("Reshape", [image.name, integers(target)], sizes: [1, count], kind: kind)
    }
  }

  /// A row as an image again.
  mutating func back() {
    guard let row = pick({ !$0.isImage }) else { return }
    var (channels, height, width) = (row.sizes[1], 1, 1)
    if case .flat(let c, let h, let w) = row.kind { (channels, height, width) = (c, h, w) }
    let sizes = [1, channels, height, width]
    if row.isVector, draw.once(in: 2) {
      let listed = listed(
        "axes", draw.one(of: [[2, 3], [-1, -2]]), inputSince: 13, after: [row.name])
      add("Unsqueeze", listed.inputs, listed.attributes, sizes: sizes, kind: .image)
    } else {
      let target = draw.one(of: [sizes, [-1, channels, height, width], [0, -1, height, width]])
      add("Reshape", [row.name, integers(target)], sizes: sizes, kind: .image)
    }
  }

  /// A matrix times a row.
  mutating func matrix() {
    if !live.contains(where: { !$0.isImage }) { flatten() }
    guard let row = pick({ !$0.isImage && $0.sizes[1] <= Self.mostColumns }) else { return }
    let (inputs, outputs) = (row.sizes[1], draw.channels())
    let weights = draw.weights(outputs: outputs, taps: inputs)
    let transposed = (0..<inputs).flatMap { i in (0..<outputs).map { weights[$0 * inputs + i] } }
    let bias = draw.numbers(outputs, around: 0, by: 0.4)
    guard draw.once(in: 2) else {
      let product = add(
        "MatMul", [row.name, floats([inputs, outputs], transposed)], sizes: [1, outputs],
        kind: draw.once(in: 2) ? .vector : nil)
      if live.last?.name != product {
        add("Add", [product, floats([outputs], bias)], sizes: [1, outputs], kind: .vector)
      }
      return
    }
    var attributes: [String: ONNXSketch.Attribute] = [:]
    let isTransposed = draw.once(in: 2)
    if isTransposed { attributes["transB"] = .integer(1) }
    if draw.once(in: 4) { attributes["alpha"] = .real(0.75) }
    if draw.once(in: 4) { attributes["beta"] = .real(-1.5) }
    var operands = [
      row.name,
      isTransposed
        ? floats([outputs, inputs], weights) : floats([inputs, outputs], transposed),
    ]
    if sketch.opset < 11 || !draw.once(in: 4) {
      operands.append(
        draw.once(in: 4)
          ? floats([1], [0.25]) : floats(draw.one(of: [[outputs], [1, outputs]]), bias))
    }
    add("Gemm", operands, attributes, sizes: [1, outputs], kind: .vector)
  }

  /// Something done in TensorFlow's order of axes.
  mutating func channelsLast() {
    guard let image = pick(\.isImage) else { return }
    let sizes = image.sizes
    let last = [1, sizes[2], sizes[3], sizes[1]]
    let turned = add(
      "Transpose", [image.name], ["perm": .integers([0, 2, 3, 1])], sizes: last)
    let done: String
    switch draw.int(1...5) {
    case 1: done = add("Relu", [turned], sizes: last)
    case 2:
      let factors = draw.numbers(sizes[1], around: 1, by: 0.5)
      done = add("Mul", [turned, floats([sizes[1]], factors)], sizes: last)
    case 3: done = add("Softmax", [turned], ["axis": .integer(3)], sizes: last)
    case 4:
      let pads = [0, 1, 0, 0, 0, 0, 2, 0]
      let listed = listed("pads", pads, inputSince: 11, after: [turned])
      let padded = [1, sizes[2] + 1, sizes[3] + 2, sizes[1]]
      done = add("Pad", listed.inputs, listed.attributes, sizes: padded)
      add(
        "Transpose", [done], ["perm": .integers([0, 3, 1, 2])],
        sizes: [1, sizes[1], sizes[2] + 1, sizes[3] + 2], kind: .image)
      return
    default: done = add("Add", [turned, turned], sizes: last)
    }
    add("Transpose", [done], ["perm": .integers([0, 3, 1, 2])], sizes: sizes, kind: .image)
  }

  /// Something done with rows and columns as one axis.
  mutating func planes() {
    guard let image = pick(\.isImage) else { return }
    let (channels, pixels) = (image.channels, image.pixels)
    let sizes = [1, channels, pixels]
    let joined = add(
      "Reshape", [image.name, integers(draw.one(of: [[1, channels, -1], [0, 0, -1]]))], sizes: sizes
    )
    switch draw.int(1...3) {
    case 1:
      let listed = listed("axes", [2], inputSince: 18, after: [joined])
      var attributes = listed.attributes
      attributes["keepdims"] = .integer(0)
      add("ReduceMean", listed.inputs, attributes, sizes: [1, channels], kind: .vector)
    case 2:
      let turned = add(
        "Transpose", [joined], ["perm": .integers([0, 2, 1])], sizes: [1, pixels, channels])
      let weighed = add("Softmax", [turned], ["axis": .integer(2)], sizes: [1, pixels, channels])
      let returned = add(
        "Transpose", [weighed], ["perm": .integers([0, 2, 1])], sizes: sizes)
      add("Reshape", [returned, integers(image.sizes)], sizes: image.sizes, kind: .image)
    default:
      let done = add("Relu", [joined], sizes: sizes)
      add("Reshape", [done, integers(image.sizes)], sizes: image.sizes, kind: .image)
    }
  }

  /// What changes nothing.
  mutating func idle() {
    guard let source = pick({ _ in true }) else { return }
    switch draw.int(1...4) {
    case 1: add("Identity", [source.name], sizes: source.sizes, kind: source.kind)
    case 2: add("Cast", [source.name], ["to": .integer(1)], sizes: source.sizes, kind: source.kind)
    case 3:
      add("Reshape", [source.name, integers(source.sizes)], sizes: source.sizes, kind: source.kind)
    default:
      let inputs = sketch.opset < 12 ? [source.name] : [source.name, floats([], [0.3])]
      add(
        "Dropout", inputs, sketch.opset < 12 ? ["ratio": .real(0.3)] : [:], sizes: source.sizes,
        kind: source.kind)
    }
  }

  /// Axes of size 1 that come or go.
  mutating func sizesOfOne() {
    guard let image = pick({ $0.isImage && $0.pixels == 1 && $0.channels > 1 }) else { return }
    let listed = listed(
      "axes", draw.one(of: [[2, 3], [-1, 2]]), inputSince: 13, after: [image.name])
    add("Squeeze", listed.inputs, listed.attributes, sizes: [1, image.channels], kind: .vector)
  }
}
