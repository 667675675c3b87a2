internal import FixedPoint
package import QuantizedIR

extension Wide {
  /// Runs the layer on one image; operands and output are codes as bytes, see
  /// `CodeWidth.encoded`. `b` is not read where there is one operand.
  ///
  /// Twins: `mnq_conv2d_wide_s16` and its like in `CRuntime`. Change both or neither.
  package func run(_ a: Span<Int8>, _ b: Span<Int8>, output: inout MutableSpan<Int8>) {
    let first = inputs[0].decoded(a)
    let second = inputs.count > 1 ? inputs[1].decoded(b) : []
    var codes = [Int32](repeating: 0, count: operation.valueCounts.output)
    var destination = codes.mutableSpan
    run(first.span, second.span, &destination)
    let bytes = self.output.encoded(codes)
    for index in bytes.indices { output[index] = bytes[index] }
  }

  private func run(_ a: Span<Int32>, _ b: Span<Int32>, _ output: inout MutableSpan<Int32>) {
    switch operation {
    case .conv2D(let layer): layer.run(a, &output) { code($0, $1, layer) }
    case .depthwiseConv2D(let layer): layer.run(a, &output) { code($0, $1, layer) }
    case .fullyConnected(let layer): layer.run(a, &output) { code($0, $1, layer) }
    case .add(let layer): layer.run(a, b, &output, leftShift: leftShift)
    case .multiply(let layer): layer.run(a, b, &output)
    case .mean(let layer): layer.run(a, &output, codes: self.output.codes)
    case .pool, .lookup, .softmax, .extremum, .copy, .wide:
      preconditionFailure("\(operation.name) has no 16-bit form")
    }
  }

  /// The output code of a sum of `channel`.
  private func code(_ sum: Int32, _ channel: Int, _ layer: some ChannelRequantized) -> Int32 {
    guard readsWide else { return layer.wideOutput(layer.code(sum, channel: channel)) }
    let quantized = layer.requantization(channel).reduced(sum) &+ layer.outputZeroPoint
    return layer.wideOutput(quantized.clamped(to: layer.clamp))
  }
}
