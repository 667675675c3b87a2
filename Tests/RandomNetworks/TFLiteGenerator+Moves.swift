import PlainNetworks

extension TFLiteGenerator {
  private mutating func activation() -> Int { draw.one(of: [0, 0, 0, 1, 1, 2, 3]) }

  private mutating func window(_ shape: [Int], dilates: Bool) -> TFLiteSketch.Window? {
    for _ in 0..<8 {
      let stride = [draw.one(of: [1, 1, 2, 3]), draw.one(of: [1, 1, 2, 3])]
      let window = TFLiteSketch.Window(
        [draw.one(of: [1, 1, 2, 3, 3, 5]), draw.one(of: [1, 1, 2, 3, 3, 5])], stride: stride,
        dilation: dilates && stride == [1, 1] && draw.once(in: 3)
          ? [draw.int(1...2), draw.int(1...2)] : [1, 1],
        isSame: draw.once(in: 2))
      if window.outputs(of: Array(shape[1...2])).allSatisfy({ $0 > 0 }) { return window }
    }
    return nil
  }

  mutating func convolution(isDepthwise: Bool) {
    guard let x = pick(2000, { $0.count == 4 }), let window = window(shape(x), dilates: true) else {
      return
    }
    let channels = shape(x)[3]
    let divisors = (1...channels).filter { channels % $0 == 0 }
    let groups = draw.once(in: 6) ? draw.one(of: divisors) : 1
    let outputs =
      isDepthwise
      ? channels * draw.one(of: [1, 1, 1, 2, 3]) : groups * max(1, draw.channels() / groups)
    let filter =
      isDepthwise
      ? [1] + window.kernel + [outputs] : [outputs] + window.kernel + [channels / groups]
    let axis = isDepthwise ? 3 : 0
    let scales = (0..<(draw.once(in: 3) ? 1 : outputs)).map { _ in Float(draw.real(0.001...0.02)) }
    let weights = constant(
      filter, scales: scales, zeroPoints: scales.map { _ in 0 }, axis: axis,
      weightCodes(filter, axis: axis))
    var inputs = [x, weights]
    if !draw.once(in: 5) {
      inputs.append(bias(outputs, scales: scales.map { $0 * sketch.tensors[x].scales[0] }))
    }
    add(
      isDepthwise ? .depthwise(window) : .conv2D(window), inputs,
      [shape(x)[0]] + window.outputs(of: Array(shape(x)[1...2])) + [outputs], .own,
      activation: activation())
  }

  /// Weights some of whose channels are all 0.
  private mutating func weightCodes(_ shape: [Int], axis: Int) -> [Int8] {
    let isDead = (0..<shape[axis]).map { _ in draw.once(in: 9) }
    let inner = shape[(axis + 1)...].reduce(1, *)
    return (0..<shape.reduce(1, *)).map { place in
      isDead[place / inner % shape[axis]] ? 0 : Int8(draw.int(-127...127))
    }
  }

  mutating func fullyConnected() {
    guard let x = pick(1500) else { return }
    let sizes = shape(x)
    let isByRow = sizes.count >= 2 && draw.once(in: 3)
    let inputs = isByRow ? sizes[sizes.count - 1] : sizes.reduce(1, *)
    let (rows, outputs) = (sizes.reduce(1, *) / inputs, draw.channels())
    let scales = (0..<(draw.once(in: 2) ? 1 : outputs)).map { _ in Float(draw.real(0.001...0.02)) }
    let zeroPoint = scales.count == 1 && draw.once(in: 3) ? draw.one(of: [-128, 127, 3, -40]) : 0
    let weights = constant(
      [outputs, inputs], scales: scales, zeroPoints: scales.map { _ in zeroPoint },
      weightCodes([outputs, inputs], axis: 0))
    var operands = [x, weights]
    if !draw.once(in: 5) {
      operands.append(bias(outputs, scales: scales.map { $0 * sketch.tensors[x].scales[0] }))
    }
    let keepsAxes = isByRow && draw.once(in: 2)
    add(
      .fullyConnected(keepsAxes: keepsAxes), operands,
      keepsAxes ? Array(sizes.dropLast()) + [outputs] : [rows, outputs], .own,
      activation: activation())
  }

  /// A shape that meets `sizes`: the same, or with some axes of 1.
  private mutating func meeting(_ sizes: [Int]) -> [Int] {
    switch draw.int(1...4) {
    case 1: sizes
    case 2: sizes.indices.map { $0 == sizes.count - 1 ? sizes[$0] : 1 }
    case 3: sizes.map { _ in 1 }
    default: sizes.map { draw.once(in: 2) ? 1 : $0 }
    }
  }

  mutating func binary() {
    guard let a = pick(2000, { $0.count <= 4 }) else { return }
    let sizes = shape(a)
    let others = live.filter { other in
      shape(other).count == sizes.count
        && zip(shape(other), sizes).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
    }
    let b: Int
    if draw.once(in: 3) {
      let other = meeting(sizes)
      b = constant(
        other, scales: [Float(draw.real(0.002...0.03))], zeroPoints: [draw.int(-128...127)],
        draw.codes(other.reduce(1, *)))
    } else {
      b = draw.one(of: others)
    }
    let operands = draw.once(in: 4) ? [b, a] : [a, b]
    add(
      draw.once(in: 2) ? .add : .multiply, operands,
      zip(sizes, shape(b)).map { $0 == 1 ? $1 : $0 }, .own, activation: activation())
  }

  mutating func extremum() {
    guard let a = pick(2000, { $0.count <= 4 }) else { return }
    let other = meeting(shape(a))
    let b = constant(
      other, scales: sketch.tensors[a].scales, zeroPoints: sketch.tensors[a].zeroPoints,
      draw.codes(other.reduce(1, *)))
    add(draw.once(in: 2) ? .maximum : .minimum, [a, b], shape(a), .same(a))
  }

  mutating func squaredDifference() {
    guard let a = pick(2000, { $0.count <= 4 }) else { return }
    let other = meeting(shape(a))
    let b = constant(
      other, scales: [Float(draw.real(0.002...0.03))], zeroPoints: [draw.int(-128...127)],
      draw.codes(other.reduce(1, *)))
    add(
      .squaredDifference, draw.once(in: 4) ? [b, a] : [a, b],
      zip(shape(a), other).map { $0 == 1 ? $1 : $0 }, .own)
  }

  /// Along the innermost axis.
  mutating func normalization() {
    guard let x = pick(2000, { !$0.isEmpty }) else { return }
    add(.l2Normalization, [x], shape(x), .signedUnit)
  }

  /// Along one axis or neighboring ones, which is what the runtime can.
  mutating func reverse() {
    guard let x = pick(2000, { (1...4).contains($0.count) }) else { return }
    let first = draw.int(0...shape(x).count - 1)
    let axes = Array(first...draw.int(first...shape(x).count - 1))
    add(.reverse, [x, parameters(axes, [axes.count])], shape(x), .same(x))
  }

  mutating func pool() {
    guard let x = pick(2000, { $0.count == 4 }), let window = window(shape(x), dilates: false)
    else { return }
    add(
      draw.once(in: 2) ? .averagePool(window) : .maxPool(window), [x],
      [shape(x)[0]] + window.outputs(of: Array(shape(x)[1...2])) + [shape(x)[3]], .same(x),
      activation: activation())
  }

  /// Over neighboring axes.
  mutating func mean() {
    guard let x = pick(2000, { !$0.isEmpty }) else { return }
    let sizes = shape(x)
    let isUsual = sizes.count == 4 && draw.once(in: 2)
    let first = isUsual ? 1 : draw.int(0...sizes.count - 1)
    let last = isUsual ? 2 : draw.int(first...sizes.count - 1)
    let keepsAxes = draw.once(in: 2)
    var axes = Array(first...last)
    if draw.once(in: 3) { axes = axes.map { $0 - sizes.count } }
    let output =
      keepsAxes
      ? sizes.indices.map { (first...last).contains($0) ? 1 : sizes[$0] }
      : sizes.indices.filter { !(first...last).contains($0) }.map { sizes[$0] }
    add(.mean(keepsAxes: keepsAxes), [x, parameters(axes, [axes.count])], output, .own)
  }

  mutating func softmax() {
    guard let x = pick(2000, { !$0.isEmpty }) else { return }
    add(.softmax(beta: draw.one(of: [1, 1, 0.5])), [x], shape(x), .unit)
  }

  mutating func table() {
    guard let x = pick(2000) else { return }
    switch draw.int(1...8) {
    case 6...8: curve(x)
    case 1: add(.logistic, [x], shape(x), .unit)
    case 2: add(.relu, [x], shape(x), .own)
    case 3: add(.relu6, [x], shape(x), .own)
    case 4: add(.hardSwish, [x], shape(x), .own)
    default: add(.quantize, [x], shape(x), .own)
    }
  }

  private mutating func curve(_ x: Int) {
    if draw.once(in: 3), let channels = shape(x).last {
      let sizes = draw.one(of: [[channels], [1], shape(x)])
      let shares = constant(
        sizes, scales: [0.006], zeroPoints: [draw.one(of: [0, 0, 7])],
        draw.codes(sizes.reduce(1, *)))
      return add(.prelu, [x, shares], shape(x), .own)
    }
    let curve = draw.one(of: TFLiteSketch.Curve.int8.filter { !$0.isLiteRTAlone })
    add(.curve(curve), [x], shape(x), curve == .tanh ? .signedUnit : .own)
  }

  mutating func reshape() {
    guard let x = pick() else { return }
    var rest = shape(x).reduce(1, *)
    var target: [Int] = []
    for _ in 0..<draw.int(0...3) {
      let divisor = draw.one(of: (1...rest).filter { rest % $0 == 0 })
      target.append(divisor)
      rest /= divisor
    }
    target.append(rest)
    if target.count < 4, draw.once(in: 2) {
      target = [Int](repeating: 1, count: 4 - target.count) + target
    }
    add(.reshape, [x, parameters(target, [target.count])], target, .same(x))
  }

  mutating func pad() {
    guard let x = pick(600, { (1...4).contains($0.count) }) else { return }
    let counts = shape(x).flatMap { _ in [draw.one(of: [0, 0, 1, 2]), draw.one(of: [0, 0, 1])] }
    add(
      .pad, [x, parameters(counts, [shape(x).count, 2])],
      shape(x).indices.map { shape(x)[$0] + counts[2 * $0] + counts[2 * $0 + 1] }, .same(x))
  }

  mutating func transpose() {
    guard let x = pick(2000, { (1...4).contains($0.count) }) else { return }
    var left = Array(shape(x).indices)
    var order: [Int] = []
    while !left.isEmpty { order.append(left.remove(at: draw.int(0...left.count - 1))) }
    add(.transpose, [x, parameters(order, [order.count])], order.map { shape(x)[$0] }, .same(x))
  }

  /// Of a tensor with itself, with a constant, or with others of its scale.
  mutating func concatenation() {
    guard let x = pick(800, { (1...4).contains($0.count) }) else { return }
    let sizes = shape(x)
    let axis = draw.int(0...sizes.count - 1)
    var parts = [x]
    for _ in 0..<draw.int(1...2) {
      let others = live.filter { other in
        shape(other).count == sizes.count
          && sketch.tensors[other].scales == sketch.tensors[x].scales
          && sketch.tensors[other].zeroPoints == sketch.tensors[x].zeroPoints
          && sizes.indices.allSatisfy { $0 == axis || shape(other)[$0] == sizes[$0] }
      }
      if draw.once(in: 3) {
        var other = sizes
        other[axis] = draw.int(1...3)
        parts.append(
          constant(
            other, scales: sketch.tensors[x].scales, zeroPoints: sketch.tensors[x].zeroPoints,
            draw.codes(other.reduce(1, *))))
      } else {
        parts.append(draw.one(of: others))
      }
    }
    if draw.once(in: 3) { parts.reverse() }
    var output = sizes
    output[axis] = parts.reduce(0) { $0 + shape($1)[axis] }
    add(
      .concatenation(axis: draw.once(in: 3) ? axis - sizes.count : axis), parts, output, .same(x))
  }
}
