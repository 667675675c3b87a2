internal import FixedPoint
package import QuantizedIR

extension FullyConnected {
  /// Runs the layer on one image. `source` holds `inputCount` values, `destination` receives
  /// `outputCount`.
  ///
  /// Twin: `mnq_fully_connected_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(source, &destination) { output(code($0, channel: $1)) }
  }

  /// The same over codes of any width.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == inputCount && destination.count == outputCount)
    let weights = self.weights.values.span

    for o in 0..<outputCount {
      var accumulator = bias[o]
      for i in 0..<inputCount {
        let value = Int32(source[i]) - inputZeroPoint
        accumulator &+= value &* Int32(weights[o * inputCount + i])
      }
      destination[o] = finish(accumulator, o)
    }
  }
}
