import PlainNetworks

/// Moves that give an image another size.
extension TFLiteGenerator {
  mutating func resize() {
    guard let x = pick(600, { $0.count == 4 }) else { return }
    let sizes = shape(x)
    let output = sizes[1...2].map { (size: Int) -> Int in
      let other = draw.int(1...12)
      return draw.one(of: [size, 2 * size, 3 * size, other])
    }
    let isBilinear = draw.once(in: 2)
    let (corners, middles) = draw.one(of: [(false, false), (true, false), (false, true)])
    add(
      .resize(isBilinear: isBilinear, corners: corners, middles: middles),
      [x, parameters(output, [2])], [sizes[0]] + output + [sizes[3]], .same(x))
  }

  mutating func tile() {
    guard let x = pick(400, { !$0.isEmpty }) else { return }
    var (multiples, sizes) = (shape(x).map { _ in 1 }, shape(x))
    let axis = draw.int(0...sizes.count - 1)
    multiples[axis] = draw.int(1...3)
    sizes[axis] *= multiples[axis]
    add(.tile, [x, parameters(multiples, [multiples.count])], sizes, .same(x))
  }

  mutating func transposedConvolution() {
    guard let x = pick(500, { $0.count == 4 }) else { return }
    let sizes = shape(x)
    let window = TFLiteSketch.Window(
      [draw.one(of: [1, 2, 3, 3, 4]), draw.one(of: [1, 2, 3, 3, 4])],
      stride: [draw.one(of: [1, 2, 2, 3]), draw.one(of: [1, 2, 2, 3])], isSame: draw.once(in: 2))
    let output = (0..<2).map { (axis: Int) -> Int in
      let (size, stride) = (sizes[axis + 1], window.stride[axis])
      if window.isSame { return size * stride }
      return (size - 1) * stride + window.kernel[axis]
    }
    let outputs = draw.channels()
    let result = [sizes[0]] + output + [outputs]
    let scales = (0..<(draw.once(in: 3) ? 1 : outputs)).map { _ in Float(draw.real(0.001...0.02)) }
    let filter = [outputs] + window.kernel + [sizes[3]]
    let weights = constant(
      filter, scales: scales, zeroPoints: scales.map { _ in 0 },
      (0..<filter.reduce(1, *)).map { _ in Int8(draw.int(-127...127)) })
    var inputs = [parameters(result, [4]), weights, x]
    if !draw.once(in: 5) {
      inputs.append(bias(outputs, scales: scales.map { $0 * sketch.tensors[x].scales[0] }))
    }
    add(.transposeConv(window), inputs, result, .own, activation: draw.one(of: [0, 0, 1, 3]))
  }
}
