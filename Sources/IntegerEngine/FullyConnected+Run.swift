internal import FixedPoint
package import QuantizedIR

extension FullyConnected {
  /// Runs the layer on one image. `source` holds `inputCount` values, `destination` receives
  /// `outputCount`.
  ///
  /// Twin: `mnq_fully_connected_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    precondition(source.count == inputCount && destination.count == outputCount)
    let weights = self.weights.values.span

    for o in 0..<outputCount {
      var accumulator = bias[o]
      for i in 0..<inputCount {
        let value = Int32(source[i]) - inputZeroPoint
        accumulator &+= value &* Int32(weights[o * inputCount + i])
      }
      destination[o] = output(code(accumulator, channel: o))
    }
  }
}
