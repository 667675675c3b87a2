private import Foundation

/// Operators evaluated in real numbers as TensorFlow Lite's documents read, axis by axis.
extension TFLiteSketch {
  /// The real values of tensor `index`: `codes` where it is computed, its own where it is a constant.
  package func reals(_ index: Int, _ codes: [Int8]) -> PlainTensor {
    let tensor = tensors[index]
    guard case .int8(let own)? = tensor.data else {
      return PlainTensor(tensor.shape, codes.map { tensor.real(Int($0), at: 0) })
    }
    let inner = tensor.shape.dropFirst(tensor.axis + 1).reduce(1, *)
    return PlainTensor(
      tensor.shape,
      own.enumerated().map { place, code in
        tensor.real(
          Int(code), at: tensor.scales.count == 1 ? 0 : place / inner % tensor.scales.count)
      })
  }

  /// What `node` makes of the real values that it reads, before it is rounded to codes: constants
  /// and parameters come from the sketch.
  package func evaluated(_ node: Node, _ read: (Int) -> PlainTensor) -> PlainTensor {
    let x = read(node.inputs[node.image])
    let result: PlainTensor
    switch node.operation {
    case .conv2D(let window): result = convolution(node, window, x)
    case .depthwise(let window): result = depthwise(node, window, x)
    case .transposeConv(let window):
      result = transposedConvolution(
        node, window, x, weights(node),
        bias: bias(node, at: 3, count: tensors[node.output].shape[3]))
    case .resize(let isBilinear, let corners, let middles):
      result = resized(node, x, isBilinear: isBilinear, corners: corners, middles: middles)
    case .fullyConnected: result = matrix(node, x)
    case .averagePool(let window):
      result = Self.pooled(window, x) { $0.reduce(0, +) / Double($0.count) }
    case .maxPool(let window): result = Self.pooled(window, x) { $0.max() ?? 0 }
    case .add: result = x.combined(read(node.inputs[1]), +)
    case .multiply: result = x.combined(read(node.inputs[1]), *)
    case .maximum: result = x.combined(read(node.inputs[1]), max)
    case .minimum: result = x.combined(read(node.inputs[1]), min)
    case .mean: result = x.reduced(axes(node, rank: x.rank)) { $0.reduce(0, +) / Double($0.count) }
    case .softmax(let beta):
      let powers = x.combined(x.reduced([x.rank - 1]) { $0.max() ?? 0 }) {
        exp(Double(beta) * ($0 - $1))
      }
      result = powers.combined(powers.reduced([x.rank - 1]) { $0.reduce(0, +) }, /)
    case .logistic: result = x.map { 1 / (1 + exp(-$0)) }
    case .relu: result = x.map { max($0, 0) }
    case .relu6: result = x.map { min(max($0, 0), 6) }
    case .hardSwish: result = x.map { $0 * min(max($0 + 3, 0), 6) / 6 }
    case .prelu: result = x.combined(read(node.inputs[1])) { $0 < 0 ? $0 * $1 : $0 }
    case .curve(let curve): result = x.map { curve($0) }
    case .quantize, .reshape: result = x
    case .pad: result = padded(node, x)
    case .tile:
      result = PlainTensor(tensors[node.output].shape) { position in
        x[zip(position, x.sizes).map { $0 % $1 }]
      }
    case .transpose:
      result = x.transposed(parameters(node.inputs[1]).map { $0 < 0 ? $0 + x.rank : $0 })
    case .squaredDifference:
      result = x.combined(read(node.inputs[1])) { ($0 - $1) * ($0 - $1) }
    case .l2Normalization: result = Self.normalized(x)
    case .reverse: result = reversed(node, x)
    case .concatenation(let axis): result = joined(node.inputs.map(read), axis: axis)
    }
    return result.map { Self.cut($0, node.activation) }.reshaped(tensors[node.output].shape)
  }

  private static func cut(_ value: Double, _ activation: Int) -> Double {
    switch activation {
    case 1: max(value, 0)
    case 2: min(max(value, -1), 1)
    case 3: min(max(value, 0), 6)
    case 4: tanh(value)
    default: value
    }
  }

  private func parameters(_ index: Int) -> [Int] {
    if case .int32(let values)? = tensors[index].data { values.map { Int($0) } } else { [] }
  }

  private func axes(_ node: Node, rank: Int) -> Set<Int> {
    Set(parameters(node.inputs[1]).map { $0 < 0 ? $0 + rank : $0 })
  }

  private static func normalized(_ x: PlainTensor) -> PlainTensor {
    let norms = x.reduced([x.rank - 1]) { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return x.combined(norms) { $1 == 0 ? 0 : $0 / $1 }
  }

  private func reversed(_ node: Node, _ x: PlainTensor) -> PlainTensor {
    let axes = axes(node, rank: x.rank)
    return PlainTensor(x.sizes) { position in
      x[position.indices.map { axes.contains($0) ? x.sizes[$0] - 1 - position[$0] : position[$0] }]
    }
  }

  private func padded(_ node: Node, _ x: PlainTensor) -> PlainTensor {
    let counts = parameters(node.inputs[1])
    return PlainTensor(tensors[node.output].shape) { position in
      let source = position.indices.map { position[$0] - counts[2 * $0] }
      return zip(source, x.sizes).allSatisfy { 0..<$1 ~= $0 } ? x[source] : 0
    }
  }

  private func joined(_ parts: [PlainTensor], axis: Int) -> PlainTensor {
    let axis = axis < 0 ? axis + parts[0].rank : axis
    var sizes = parts[0].sizes
    sizes[axis] = parts.reduce(0) { $0 + $1.sizes[axis] }
    return PlainTensor(sizes) { position in
      var position = position
      for part in parts {
        if position[axis] < part.sizes[axis] { return part[position] }
        position[axis] -= part.sizes[axis]
      }
      return 0
    }
  }

  /// Input `index` as a bias, in real units; zeros where it is left out.
  private func bias(_ node: Node, at index: Int = 2, count: Int) -> [Double] {
    guard node.inputs.count > index, node.inputs[index] >= 0 else {
      return [Double](repeating: 0, count: count)
    }
    switch tensors[node.inputs[index]].data {
    case .float(let values)?: return values.map(Double.init)
    case .int32(let values)?:
      let scales = tensors[node.inputs[index]].scales
      return values.enumerated().map {
        Double($1) * Double(scales[scales.count == 1 ? 0 : $0])
      }
    default: return [Double](repeating: 0, count: count)
    }
  }

  private func weights(_ node: Node) -> PlainTensor {
    if case .float(let values)? = tensors[node.inputs[1]].data {
      return PlainTensor(tensors[node.inputs[1]].shape, values.map(Double.init))
    }
    return reals(node.inputs[1], [])
  }

  private func convolution(_ node: Node, _ window: Window, _ x: PlainTensor) -> PlainTensor {
    let weights = weights(node)
    let (outputs, inputs) = (weights.sizes[0], weights.sizes[3])
    let (groups, bias) = (x.sizes[3] / inputs, bias(node, count: outputs))
    return Self.windows(window, x, channels: outputs) { n, channel, taps in
      let first = channel / (outputs / groups) * inputs
      var sum = bias[channel]
      for tap in taps {
        for i in 0..<inputs {
          let weight = weights[[channel, tap.ky, tap.kx, i]]
          sum += weight * x[[n, tap.y, tap.x, first + i]]
        }
      }
      return sum
    }
  }

  private func depthwise(_ node: Node, _ window: Window, _ x: PlainTensor) -> PlainTensor {
    let weights = weights(node)
    let outputs = weights.sizes[3]
    let (multiplier, bias) = (outputs / x.sizes[3], bias(node, count: outputs))
    return Self.windows(window, x, channels: outputs) { n, channel, taps in
      var sum = bias[channel]
      for tap in taps {
        let weight = weights[[0, tap.ky, tap.kx, channel]]
        sum += weight * x[[n, tap.y, tap.x, channel / multiplier]]
      }
      return sum
    }
  }

  private func matrix(_ node: Node, _ x: PlainTensor) -> PlainTensor {
    let weights = weights(node)
    let (outputs, inputs) = (weights.sizes[0], weights.sizes[1])
    let rows = x.reshaped([x.values.count / inputs, inputs])
    let bias = bias(node, count: outputs)
    return PlainTensor([rows.sizes[0], outputs]) { position in
      var sum = bias[position[1]]
      for i in 0..<inputs { sum += weights[[position[1], i]] * rows[[position[0], i]] }
      return sum
    }
  }

  private static func pooled(
    _ window: Window, _ x: PlainTensor, _ reduce: ([Double]) -> Double
  ) -> PlainTensor {
    windows(window, x, channels: x.sizes[3]) { n, channel, taps in
      reduce(taps.map { x[[n, $0.y, $0.x, channel]] })
    }
  }

  private typealias Tap = (ky: Int, kx: Int, y: Int, x: Int)

  /// Calls `value` with the taps of each window that lie in the image.
  private static func windows(
    _ window: Window, _ x: PlainTensor, channels: Int, _ value: (Int, Int, [Tap]) -> Double
  ) -> PlainTensor {
    let spans = (0..<2).map { (window.kernel[$0] - 1) * window.dilation[$0] + 1 }
    let outputs = window.outputs(of: [x.sizes[1], x.sizes[2]])
    var before = [0, 0]
    for axis in 0..<2 where window.isSame {
      let reach = (outputs[axis] - 1) * window.stride[axis] + spans[axis]
      before[axis] = max(0, reach - x.sizes[axis + 1]) / 2
    }
    return PlainTensor([x.sizes[0]] + outputs + [channels]) { position in
      var taps: [Tap] = []
      for ky in 0..<window.kernel[0] {
        let row = position[1] * window.stride[0] - before[0] + ky * window.dilation[0]
        guard 0..<x.sizes[1] ~= row else { continue }
        for kx in 0..<window.kernel[1] {
          let column = position[2] * window.stride[1] - before[1] + kx * window.dilation[1]
          if 0..<x.sizes[2] ~= column { taps.append((ky: ky, kx: kx, y: row, x: column)) }
        }
      }
      return value(position[0], position[3], taps)
    }
  }
}

extension TFLiteSketch.Node {
  /// The number of the input that the operator works on.
  fileprivate var image: Int {
    if case .transposeConv = operation { 2 } else { 0 }
  }
}

extension TFLiteSketch.Window {
  /// The sizes of the output for an image of these.
  package func outputs(of sizes: [Int]) -> [Int] {
    (0..<2).map { axis in
      let span = (kernel[axis] - 1) * dilation[axis] + 1
      return isSame
        ? (sizes[axis] + stride[axis] - 1) / stride[axis]
        : (sizes[axis] - span + stride[axis]) / stride[axis]
    }
  }
}

extension TFLiteSketch.Tensor {
  fileprivate func real(_ code: Int, at place: Int) -> Double {
    let zeroPoint = zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[place]
    return Double(scales[place]) * Double(code - zeroPoint)
  }
}
