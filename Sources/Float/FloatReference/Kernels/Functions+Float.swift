private import Glibc
internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// `Activation`, value by value.
struct ActivationKernel: PlainKernel {
  private let activation: Activation

  init(_ activation: Activation) { self.activation = activation }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let (count, from, to) = (input.count, input.baseAddress, output.baseAddress)
    switch activation {
    case .clip(let range): mnqh_clamp_f32(count, from, range.lowerBound, range.upperBound, to)
    case .leakyRelu(let alpha):
      for (index, x) in input.enumerated() { output[index] = x < 0 ? alpha * x : x }
    case .hardSwish: mnqh_hard_swish_f32(count, from, to)
    case .hardSigmoid: mnqh_hard_sigmoid_f32(count, from, 1 / 6, 0.5, to)
    default:
      for (index, x) in input.enumerated() { output[index] = Float(activation(Double(x))) }
    }
  }
}

extension Activation: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel { ActivationKernel(self) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [zip(node.inputs[0], node.gradient).map { Float(slope(at: Double($0))) * $1 }]
  }
}

/// `PReLU`, value by value.
private struct PReLUKernel: PlainKernel {
  let alpha: [Float]

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for first in stride(from: 0, to: input.count, by: alpha.count) {
      for (place, alpha) in alpha.enumerated() {
        let x = input[first + place]
        output[first + place] = x < 0 ? alpha * x : x
      }
    }
  }
}

extension Operator.PReLU: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    PReLUKernel(alpha: alpha)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [
      node.gradient.enumerated().map { index, gradient in
        node.inputs[0][index] < 0 ? alpha[index % alpha.count] * gradient : gradient
      }
    ]
  }
}

/// `Operator.FakeQuantize`, value by value.
struct FakeQuantizeKernel: PlainKernel {
  private let operation: Operator.FakeQuantize

  /// Added to a number of few steps and taken away again, leaves it rounded, ties to even.
  private static let rounder: Float = 0x1.8p23

  init(_ operation: Operator.FakeQuantize) { self.operation = operation }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let (scale, steps) = (operation.scale, operation.steps)
    for index in input.indices {
      let steps = min(max(input[index] / scale, steps.lowerBound), steps.upperBound)
      output[index] = ((steps + Self.rounder) - Self.rounder) * scale
    }
  }
}

extension Operator.FakeQuantize: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    FakeQuantizeKernel(self)
  }

  /// As if nothing were rounded, where nothing is cut.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let reals = steps.lowerBound * scale...steps.upperBound * scale
    return [zip(node.inputs[0], node.gradient).map { reals.contains($0) ? $1 : 0 }]
  }
}

/// `Operator.softmax` over the innermost axis, in `Double`.
struct SoftmaxKernel: PlainKernel {
  let channels: Int

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: input.count, by: channels) {
      let row = input[start..<start + channels]
      // The largest becomes exp(0), so that nothing overflows.
      let largest = Double(row.max() ?? 0)
      let powers = row.map { exp(Double($0) - largest) }
      let sum = powers.reduce(0, +)
      for c in 0..<channels { output[start + c] = Float(powers[c] / sum) }
    }
  }
}

extension Operator.Softmax: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    SoftmaxKernel(channels: output.channels)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.outputShape.channels
    let found = node.output.indices.map { index in
      let row = index / channels * channels
      let mean = (row..<row + channels).reduce(0) { $0 + node.output[$1] * node.gradient[$1] }
      return node.output[index] * (node.gradient[index] - mean)
    }
    return [found]
  }
}

/// `Operator.logSoftmax` over the innermost axis, in `Double`.
struct LogSoftmaxKernel: PlainKernel {
  let channels: Int

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: input.count, by: channels) {
      let row = input[start..<start + channels]
      // The largest becomes exp(0), so that nothing overflows.
      let largest = Double(row.max() ?? 0)
      let sum = log(row.reduce(0) { $0 + exp(Double($1) - largest) })
      for c in 0..<channels { output[start + c] = Float(Double(input[start + c]) - largest - sum) }
    }
  }
}

extension Operator.LogSoftmax: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    LogSoftmaxKernel(channels: output.channels)
  }

  /// Of each input its own gradient, less its probability's part of the row's.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.outputShape.channels
    let found = node.output.indices.map { index in
      let row = index / channels * channels
      let total = node.gradient[row..<row + channels].reduce(0, +)
      return node.gradient[index] - exp(node.output[index]) * total
    }
    return [found]
  }
}
