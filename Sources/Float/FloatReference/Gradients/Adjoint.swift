internal import NetworkGraph
internal import Tensors

/// One node on one image, with the gradient that arrives at its output.
struct Adjoint {
  let shapes: [Shape]
  let outputShape: Shape
  /// One array a tensor read.
  let inputs: [[Float]]
  let output: [Float]
  /// Of the node's output.
  let gradient: [Float]

  /// What the gradient is at each tensor read.
  func gradients(_ operation: Operator) -> [[Float]] {
    switch operation {
    case .conv2D(let conv): [self.conv2D(conv)]
    case .depthwiseConv2D(let conv): [depthwiseConv2D(conv)]
    case .fullyConnected(let layer): [fullyConnected(layer)]
    case .batchNormalization(let layer):
      [gradient.indices.map { gradient[$0] * layer.scale[$0 % layer.scale.count] }]
    case .activation(let activation):
      [zip(inputs[0], gradient).map { Float(activation.slope(at: Double($0))) * $1 }]
    case .add: broadcast { _, _ in (1, 1) }
    case .multiply: broadcast { a, b in (b, a) }
    case .averagePool(let pool): [averagePool(pool)]
    case .maxPool(let pool): [maxPool(pool)]
    case .globalAveragePool: [globalAveragePool]
    case .pad(let padding): [pad(padding)]
    case .reshape: [gradient]
    case .softmax: [softmax]
    }
  }

  /// Zeros in the shape of the first tensor read, for `body` to add to.
  func filled(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
    var result = [Float](repeating: 0, count: shapes[0].count)
    result.withUnsafeMutableBufferPointer { body($0) }
    return result
  }

  private func fullyConnected(_ layer: Operator.FullyConnected) -> [Float] {
    filled { result in
      for (position, scale) in gradient.enumerated() {
        let (image, output) = position.quotientAndRemainder(dividingBy: layer.outputCount)
        let (place, row) = (image * layer.inputCount, output * layer.inputCount)
        for index in 0..<layer.inputCount {
          result[place + index] += scale * layer.weights[row + index]
        }
      }
    }
  }

  /// - Parameter slopes: Of the output with either operand, from their values.
  private func broadcast(_ slopes: (Float, Float) -> (Float, Float)) -> [[Float]] {
    var (a, b) = (
      [Float](repeating: 0, count: inputs[0].count), [Float](repeating: 0, count: inputs[1].count)
    )
    Broadcast(shapes, outputShape).run { index, first, second in
      let slope = slopes(inputs[0][first], inputs[1][second])
      a[first] += gradient[index] * slope.0
      b[second] += gradient[index] * slope.1
    }
    return [a, b]
  }

  private var globalAveragePool: [Float] {
    let (pixels, channels) = (shapes[0].extent.count, shapes[0].channels)
    return (0..<pixels * channels).map { gradient[$0 % channels] / Float(pixels) }
  }

  private func pad(_ padding: Padding) -> [Float] {
    let (input, width) = (shapes[0], outputShape.extent.width)
    let channels = input.channels
    return (0..<input.count).map { index in
      let (pixel, c) = index.quotientAndRemainder(dividingBy: channels)
      let y = pixel / input.extent.width + padding.top
      let x = pixel % input.extent.width + padding.left
      return gradient[(y * width + x) * channels + c]
    }
  }

  private var softmax: [Float] {
    let channels = outputShape.channels
    return output.indices.map { index in
      let row = index / channels * channels
      let mean = (row..<row + channels).reduce(0) { $0 + output[$1] * gradient[$1] }
      return output[index] * (gradient[index] - mean)
    }
  }
}

extension Activation {
  /// The derivative.
  fileprivate func slope(at x: Double) -> Double {
    switch self {
    case .relu: x > 0 ? 1 : 0
    case .relu6: x > 0 && x <= 6 ? 1 : 0
    case .hardSwish: x <= -3 ? 0 : x <= 3 ? (2 * x + 3) / 6 : 1
    case .hardSigmoid: x > -3 && x <= 3 ? 1.0 / 6 : 0
    case .logistic: self(x) * (1 - self(x))
    }
  }
}
