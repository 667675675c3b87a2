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
