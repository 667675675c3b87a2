internal import Calibration
internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Activation: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.lookup(Lookup(self, context)), [])
  }

  var outputCodes: OutputCodes {
    switch self {
    case .hardSigmoid, .logistic: .unitInterval
    case .tanh: .signedUnitInterval
    default: .learned
    }
  }
}

extension Lookup {
  /// The table of `activation` from the input's scale to the output's: the nearest code, ties away
  /// from zero, of the exact function of the exact input, or of what `TableMeans` says.
  init(_ activation: Activation, _ context: LayerContext) {
    let means = context.inputHistogram.map { TableMeans(activation, $0, input: context.input) }
    self.init(
      function: activation, count: context.input.shape.count,
      table: LookupTable { code in
        context.output.code(means?[code] ?? activation(context.input.real(code)))
      })
  }
}

/// What an activation makes of the real values that share a code, on average: closer to the truth
/// than what it makes of the code's own value, most of all at the ends, where everything beyond
/// the range is gathered.
struct TableMeans {
  /// By code plus 128.
  private let means: [Double]

  /// Fewer values than this on a code say nothing about its mean.
  private static let leastCount = 16.0

  /// - Parameter histogram: Of the tensor that `activation` reads.
  init(_ activation: Activation, _ histogram: Histogram, input: QuantizedTensor) {
    var counts = [Double](repeating: 0, count: 256)
    var sums = counts
    for bin in histogram.counts.indices where histogram.counts[bin] > 0 {
      let (value, count) = (histogram.center(bin), Double(histogram.counts[bin]))
      let entry = Int(input.code(value)) + 128
      counts[entry] += count
      sums[entry] += count * activation(value)
    }
    means = (0..<256).map { entry in
      counts[entry] >= Self.leastCount
        ? sums[entry] / counts[entry] : activation(input.real(Int8(entry - 128)))
    }
  }

  subscript(code: Int8) -> Double { means[Int(code) + 128] }
}

/// A change of scale, by a table: what is left of it where no layer can write its codes.
extension Operator.FakeQuantize: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    let table = LookupTable { code(Float(context.input.real($0))) }
    let layer = Lookup(
      function: .identity, count: context.input.shape.count, table: table)
    return (.lookup(layer), [])
  }

  /// Those that the file says.
  var parameters: AffineParameters {
    AffineParameters(scale: Double(scale), zeroPoint: zeroPoint)
  }
}

extension Operator.PReLU: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.prelu(try PReLU(alpha, context)), [])
  }
}

extension PReLU {
  /// Shares become the nearest of 255 codes from the least to the greatest, ties away from zero.
  init(_ shares: [Float], _ context: LayerContext) throws(QuantizationError) {
    if let channel = shares.firstIndex(where: { !$0.isFinite }) {
      throw .invalidWeight(node: context.name, channel: channel)
    }
    let largest = shares.reduce(0) { max($0, abs($1)) }
    let scale = largest > 0 ? max(largest / 127, 0x1p-60) : 1
    self.init(
      count: context.input.shape.count, inputZeroPoint: context.input.zeroPoint,
      outputZeroPoint: context.output.zeroPoint,
      alpha: shares.map { Int16(($0 / scale).rounded(.toNearestOrAwayFromZero)) },
      alphaScale: scale,
      identity: try context.requantization(context.input.scale / context.output.scale),
      below: try context.requantization(
        context.input.scale * Double(scale) / context.output.scale))
  }
}

extension Operator.Softmax: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.softmax(try Softmax(context)), [])
  }

  var outputCodes: OutputCodes { .unitInterval }
}

extension Softmax {
  /// The int8 softmax over the innermost axis of the tensor of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    guard let layer = Softmax(depth: context.input.shape.channels, inputScale: context.input.scale)
    else { throw .softmax(node: context.name, depth: context.input.shape.channels) }
    self = layer
  }
}

/// Where it ends the network it never comes here: the caller does it.
extension Operator.LogSoftmax: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    throw .logSoftmax(node: context.name)
  }
}
