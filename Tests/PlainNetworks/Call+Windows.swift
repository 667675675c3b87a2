/// What slides over images, pads them or multiplies them by matrices.
extension Call {
  /// Pixels before and behind an image along each of its two axes.
  private func pads(kernel: [Int], strides: [Int], dilations: [Int]) -> (
    before: [Int], after: [Int]
  ) {
    var mode = "NOTSET"
    if case .text(let found)? = node.attributes["auto_pad"] { mode = found }
    switch mode {
    case "SAME_UPPER", "SAME_LOWER":
      let totals = (0..<2).map { axis in
        let size = x.sizes[axis + 2]
        let output = (size + strides[axis] - 1) / strides[axis]
        return max(
          0, (output - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - size)
      }
      let (less, more) = (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
      return mode == "SAME_UPPER" ? (less, more) : (more, less)
    case "VALID": return ([0, 0], [0, 0])
    default:
      let pads = integers("pads") ?? [0, 0, 0, 0]
      return ([pads[0], pads[1]], [pads[2], pads[3]])
    }
  }

  private typealias Tap = (y: Int, x: Int, isInside: Bool)

  /// For each output pixel, the position in the image of each tap, and whether it lies in it.
  private func windows(
    _ kernel: [Int], _ outputChannels: Int,
    _ value: (_ channel: Int, _ taps: [Tap]) -> Double
  ) -> PlainTensor {
    let strides = integers("strides") ?? [1, 1]
    let dilations = integers("dilations") ?? [1, 1]
    let (before, after) = pads(kernel: kernel, strides: strides, dilations: dilations)
    let (height, width) = (x.sizes[2], x.sizes[3])
    let isCeiled = integer("ceil_mode", 0) != 0
    let outputs = (0..<2).map { axis in
      let rest =
        x.sizes[axis + 2] + before[axis] + after[axis] - (kernel[axis] - 1) * dilations[axis] - 1
      let count = (rest + (isCeiled ? strides[axis] - 1 : 0)) / strides[axis] + 1
      // A window that would begin behind the image and its padding on the near side is none.
      return (count - 1) * strides[axis] >= x.sizes[axis + 2] + before[axis] && isCeiled
        ? count - 1 : count
    }
    return PlainTensor([x.sizes[0], outputChannels] + outputs) { position in
      var taps: [Tap] = []
      for ky in 0..<kernel[0] {
        let y = position[2] * strides[0] - before[0] + ky * dilations[0]
        for kx in 0..<kernel[1] {
          let x = position[3] * strides[1] - before[1] + kx * dilations[1]
          taps.append((y: y, x: x, isInside: 0..<height ~= y && 0..<width ~= x))
        }
      }
      return value(position[1], taps)
    }
  }

  var convolution: PlainTensor {
    let weights = required(1)
    let groups = integer("group", 1)
    let (inputs, outputs) = (weights.sizes[1], weights.sizes[0])
    let bias = input(2)?.values ?? [Double](repeating: 0, count: outputs)
    return windows(Array(weights.sizes[2...]), outputs) { channel, taps in
      let first = channel / (outputs / groups) * inputs
      var sum = bias[channel]
      for (tap, place) in taps.enumerated() where place.isInside {
        let (ky, kx) = (tap / weights.sizes[3], tap % weights.sizes[3])
        for i in 0..<inputs {
          sum += weights[[channel, i, ky, kx]] * x[[0, first + i, place.y, place.x]]
        }
      }
      return sum
    }
  }

  var pool: PlainTensor {
    let countsPadding = integer("count_include_pad", 0) != 0
    return windows(integers("kernel_shape") ?? [1, 1], x.sizes[1]) { channel, taps in
      let values = taps.filter(\.isInside).map { x[[0, channel, $0.y, $0.x]] }
      guard node.operation == "AveragePool" else { return values.max() ?? 0 }
      return values.reduce(0, +) / Double(countsPadding ? taps.count : max(values.count, 1))
    }
  }

  var padded: PlainTensor {
    let pads = integers(at: 1, or: "pads") ?? []
    let axes = input(3)?.values.map { axis(Int($0)) } ?? Array(0..<x.rank)
    let value = input(2)?.values.first ?? real("value", 0)
    var (before, sizes) = ([Int](repeating: 0, count: x.rank), x.sizes)
    for (place, axis) in axes.enumerated() {
      before[axis] = pads[place]
      sizes[axis] += pads[place] + pads[place + axes.count]
    }
    var mode = "constant"
    if case .text(let found)? = node.attributes["mode"] { mode = found }
    return PlainTensor(sizes) { position in
      var source = zip(position, before).map { $0 - $1 }
      for (axis, size) in x.sizes.enumerated() {
        let place = source[axis]
        switch mode {
        case "edge": source[axis] = min(max(place, 0), size - 1)
        case "wrap": source[axis] = (place % size + size) % size
        case "reflect" where place < 0: source[axis] = -place
        case "reflect" where place >= size: source[axis] = 2 * (size - 1) - place
        default: break
        }
      }
      return zip(source, x.sizes).allSatisfy { 0..<$1 ~= $0 } ? x[source] : value
    }
  }

  var matrixProduct: PlainTensor {
    var (a, b) = (x, required(1))
    if integer("transA", 0) != 0 { a = a.transposed([1, 0]) }
    if integer("transB", 0) != 0 { b = b.transposed([1, 0]) }
    let depth = b.sizes[0]
    let alpha = real("alpha", 1)
    let product = PlainTensor(a.sizes.dropLast() + [b.sizes[1]]) { position in
      let (row, column) = (position.dropLast(), position[position.count - 1])
      var sum = 0.0
      for i in 0..<depth { sum += a[row + [i]] * b[[i, column]] }
      return alpha * sum
    }
    guard let c = input(2) else { return product }
    let beta = real("beta", 1)
    return product.combined(c) { $0 + beta * $1 }
  }
}
