internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// How the reference runs an operator, and how the output's slopes go back through it.
protocol FloatOperator {
  /// The operator made ready to run on tensors of these shapes.
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel

  /// `activation` at the end of that kernel, where it knows how: not at all by default.
  func ending(_ activation: Activation) -> Ending?

  /// What the gradient is at each tensor read.
  func gradients(_ node: Adjoint) -> [[Float]]
}

extension FloatOperator {
  func ending(_ activation: Activation) -> Ending? { nil }
}

extension Operator {
  /// How to run the operator: the registry of this module.
  var float: any FloatOperator {
    switch self {
    case .conv2D(let layer): layer
    case .depthwiseConv2D(let layer): layer
    case .transposedConv2D(let layer): layer
    case .fullyConnected(let layer): layer
    case .batchNormalization(let layer): layer
    case .activation(let activation): activation
    case .prelu(let layer): layer
    case .add: Add()
    case .multiply: Multiply()
    case .averagePool(let pool): AveragePool(pool: pool)
    case .maxPool(let pool): MaxPool(pool: pool)
    case .globalAveragePool: GlobalAveragePool()
    case .resize(let layer): layer
    case .pad(let padding): Pad(padding: padding)
    case .reshape(let shape): Reshape(shape: shape)
    case .concatenate(let layer): layer
    case .rearrange(let layer): layer
    case .softmax: Softmax()
    case .logSoftmax: LogSoftmax()
    case .fakeQuantize(let steps): steps
    }
  }
}

/// One node on one image, with the gradient that arrives at its output.
struct Adjoint {
  let shapes: [Shape]
  let outputShape: Shape
  /// One array a tensor read.
  let inputs: [[Float]]
  let output: [Float]
  /// Of the node's output.
  let gradient: [Float]

  /// Zeros in the shape of the first tensor read, for `body` to add to.
  func filled(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
    var result = [Float](repeating: 0, count: shapes[0].count)
    result.withUnsafeMutableBufferPointer { body($0) }
    return result
  }
}

/// Rows of equal length in a table, each with a factor that is not 0.
struct ScaledRows {
  private let length: Int
  private var rows: [(start: Int, scale: Float)] = []

  init(length: Int, most: Int) {
    self.length = length
    rows.reserveCapacity(most)
  }

  /// Takes the rows whose `scales` are not 0 in place of those before.
  ///
  /// - Parameter start: Where a row begins, by the number of its scale.
  mutating func choose(_ scales: ArraySlice<Float>, start: (Int) -> Int) {
    rows.removeAll(keepingCapacity: true)
    for (number, scale) in scales.enumerated() where scale != 0 {
      rows.append((start(number), scale))
    }
  }

  /// Adds the rows one after another: four at a time, so that a sum is loaded and stored once for
  /// four products. The order of additions, and with it every bit, is that of the rows.
  func add(
    of table: UnsafeBufferPointer<Float>, from offset: Int,
    to sums: UnsafeMutableBufferPointer<Float>, at target: Int
  ) {
    guard let table = table.baseAddress.map({ $0 + offset }),
      let sums = sums.baseAddress.map({ $0 + target })
    else { return }
    var number = 0
    while number + 4 <= rows.count {
      let (p, q) = (table + rows[number].start, table + rows[number + 1].start)
      let (r, s) = (table + rows[number + 2].start, table + rows[number + 3].start)
      let (a, b) = (rows[number].scale, rows[number + 1].scale)
      let (c, d) = (rows[number + 2].scale, rows[number + 3].scale)
      for i in 0..<length {
        sums[i] = sums[i] + a * p[i] + b * q[i] + c * r[i] + d * s[i]
      }
      number += 4
    }
    for (start, scale) in rows[number...] {
      let row = table + start
      for i in 0..<length { sums[i] += scale * row[i] }
    }
  }
}

/// An operator made ready to run on tensors of known shapes.
protocol FloatKernel: Sendable {
  /// How many values of scratch `run` needs: none by default.
  var scratchCount: Int { get }

  /// Fills `output` from the first and the last input, which is the first again where there is one
  /// only; it overlaps neither. `ending` is `.nothing` where the operator's `ending` knows no other.
  func run(
    _ first: UnsafeBufferPointer<Float>, _ last: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>)

  /// The same of all inputs, for kernels that may have more than two.
  func run(
    _ inputs: [UnsafeBufferPointer<Float>], _ output: UnsafeMutableBufferPointer<Float>,
    _ ending: Ending, _ scratch: UnsafeMutableBufferPointer<Float>)
}

extension FloatKernel {
  var scratchCount: Int { 0 }

  func run(
    _ inputs: [UnsafeBufferPointer<Float>], _ output: UnsafeMutableBufferPointer<Float>,
    _ ending: Ending, _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    run(inputs[0], inputs[inputs.count - 1], output, ending, scratch)
  }
}

/// A kernel of one input that knows no ending.
protocol PlainKernel: FloatKernel {
  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>)
}

extension PlainKernel {
  func run(
    _ first: UnsafeBufferPointer<Float>, _ last: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    run(first, output)
  }
}

/// What a kernel does to its output before it writes it.
enum Ending: Hashable, Sendable {
  case nothing
  case clamp(ClosedRange<Float>)
  case hardSwish

  /// As kernels of convolutions read it.
  var native: mnqh_ending_f32 {
    let clamp = clamp
    return mnqh_ending_f32(
      minimum: clamp.lowerBound, maximum: clamp.upperBound, hard_swish: self == .hardSwish)
  }

  /// What an interval cuts the output to: everything where there is none.
  var clamp: ClosedRange<Float> {
    if case .clamp(let range) = self { range } else { -.infinity ... .infinity }
  }

  /// `activation` where it cuts its input to an interval and nothing more.
  init?(clampOf activation: Activation) {
    guard let clamp = activation.clamp else { return nil }
    self = .clamp(Float(clamp.lowerBound)...Float(clamp.upperBound))
  }

  /// `activation` as the kernels of convolutions know it.
  init?(_ activation: Activation) {
    if activation == .hardSwish {
      self = .hardSwish
    } else {
      self.init(clampOf: activation)
    }
  }
}

extension mnqh_window {
  /// `window` over `input` to make `output`, both NHWC.
  init(_ window: Operator.Window, input: Shape, output: Shape) {
    self.init(
      input_height: Int32(input.height), input_width: Int32(input.width),
      output_height: Int32(output.height), output_width: Int32(output.width),
      kernel_height: Int32(window.kernel.height), kernel_width: Int32(window.kernel.width),
      stride_height: Int32(window.stride.height), stride_width: Int32(window.stride.width),
      dilation_height: Int32(window.dilation.height), dilation_width: Int32(window.dilation.width),
      padding_top: Int32(window.padding.top), padding_left: Int32(window.padding.left))
  }
}
