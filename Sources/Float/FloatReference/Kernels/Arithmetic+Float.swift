internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// Pairs the values of two tensors of one rank, where an axis of 1 stretches to the other's.
struct BroadcastOffsets: Sendable {
  private let sizes: [Int]
  /// How far apart neighbors along each axis lie; 0 along a stretched one.
  private let strides: [[Int]]

  init(_ inputs: [Shape], _ output: Shape) {
    sizes = output.dimensions
    strides = inputs.map { input in
      var step = 1
      var strides: [Int] = []
      for (size, outputSize) in zip(input.dimensions, output.dimensions).reversed() {
        strides.append(size == outputSize ? step : 0)
        step *= size
      }
      return strides.reversed()
    }
  }

  /// Calls `body` with the offset of each output value and those of its two operands.
  func run(_ body: (Int, Int, Int) -> Void) {
    let count = sizes.reduce(1, *)
    for index in 0..<count {
      var (rest, a, b) = (index, 0, 0)
      for axis in sizes.indices.reversed() {
        let (quotient, position) = rest.quotientAndRemainder(dividingBy: sizes[axis])
        a += position * strides[0][axis]
        b += position * strides[1][axis]
        rest = quotient
      }
      body(index, a, b)
    }
  }
}

extension Adjoint {
  /// Of two operands, where an axis of 1 stretches to the other's.
  ///
  /// - Parameter slopes: Of the output with either operand, from their values.
  func broadcast(_ slopes: (Float, Float) -> (Float, Float)) -> [[Float]] {
    var (a, b) = (
      [Float](repeating: 0, count: inputs[0].count), [Float](repeating: 0, count: inputs[1].count)
    )
    BroadcastOffsets(shapes, outputShape).run { index, first, second in
      let slope = slopes(inputs[0][first], inputs[1][second])
      a[first] += gradient[index] * slope.0
      b[second] += gradient[index] * slope.1
    }
    return [a, b]
  }
}

/// The sum of two tensors, where an axis of 1 stretches to the other's.
struct AddKernel: FloatKernel {
  private let broadcast: BroadcastOffsets?

  init(_ inputs: [Shape], _ output: Shape) {
    broadcast = inputs[0] == inputs[1] ? nil : BroadcastOffsets(inputs, output)
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let (count, to, clamp) = (output.count, output.baseAddress, ending.clamp)
    guard let broadcast else {
      mnqh_add_f32(count, a.baseAddress, b.baseAddress, clamp.lowerBound, clamp.upperBound, to)
      return
    }
    broadcast.run { output[$0] = a[$1] + b[$2] }
    mnqh_clamp_f32(count, to, clamp.lowerBound, clamp.upperBound, to)
  }
}

extension Operator.Add: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    AddKernel(inputs, output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(clampOf: activation) }

  func gradients(_ node: Adjoint) -> [[Float]] { node.broadcast { _, _ in (1, 1) } }
}

/// The product of two tensors, where an axis of 1 stretches to the other's.
struct MultiplyKernel: FloatKernel {
  private enum Form {
    /// One input times one factor a channel, in the other: squeeze-and-excitation. With one pixel,
    /// two tensors of one shape.
    case channels(pixels: Int, Int, factorsFirst: Bool)
    case broadcast(BroadcastOffsets)
  }

  private let form: Form

  init(_ inputs: [Shape], _ output: Shape) {
    let channels = output.channels
    func isOfChannels(_ input: Shape) -> Bool {
      input.count == channels && input.channels == channels
    }
    if inputs[0] == inputs[1] {
      form = .channels(pixels: 1, output.count, factorsFirst: false)
    } else if inputs[0] == output, isOfChannels(inputs[1]) {
      form = .channels(pixels: output.count / channels, channels, factorsFirst: false)
    } else if inputs[1] == output, isOfChannels(inputs[0]) {
      form = .channels(pixels: output.count / channels, channels, factorsFirst: true)
    } else {
      form = .broadcast(BroadcastOffsets(inputs, output))
    }
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    switch form {
    case .channels(let pixels, let channels, let factorsFirst):
      let (values, factors) = factorsFirst ? (b, a) : (a, b)
      mnqh_scale_channels_f32(
        pixels, channels, values.baseAddress, factors.baseAddress, output.baseAddress)
    case .broadcast(let broadcast):
      broadcast.run { output[$0] = a[$1] * b[$2] }
    }
  }
}

extension Operator.Multiply: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    MultiplyKernel(inputs, output)
  }

  func gradients(_ node: Adjoint) -> [[Float]] { node.broadcast { a, b in (b, a) } }
}

/// `Operator.BatchNormalization`: `scale[c] * x + offset[c]`.
struct BatchNormalizationKernel: PlainKernel {
  private let layer: Operator.BatchNormalization

  init(_ layer: Operator.BatchNormalization) { self.layer = layer }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    let channels = layer.scale.count
    for start in stride(from: 0, to: input.count, by: channels) {
      for c in 0..<channels {
        output[start + c] = layer.scale[c] * input[start + c] + layer.offset[c]
      }
    }
  }
}

extension Operator.BatchNormalization: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    BatchNormalizationKernel(self)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [node.gradient.indices.map { node.gradient[$0] * scale[$0 % scale.count] }]
  }
}
