internal import FixedPoint
package import QuantizedIR

extension Wide: PlainLayer {
  /// Runs the layer on one image; operands and output are codes as bytes, see
  /// `CodeWidth.encoded`. `b` is not read where there is one operand.
  ///
  /// Twins: `mnq_conv2d_wide_s16` and its like in `CRuntime`. Change both or neither.
  package func run(_ a: Span<Int8>, _ b: Span<Int8>, output: inout MutableSpan<Int8>) {
    let first = inputs[0].decoded(a)
    let second = inputs.count > 1 ? inputs[1].decoded(b) : []
    var codes = [Int32](repeating: 0, count: operation.valueCounts.output)
    var destination = codes.mutableSpan
    operation.layer.run(first.span, second.span, output: &destination, in: self)
    let bytes = self.output.encoded(codes)
    for index in bytes.indices { output[index] = bytes[index] }
  }

  /// The output code of a sum of `channel` of `layer`.
  func code(_ sum: Int32, channel: Int, of layer: some ChannelRequantized) -> Int32 {
    guard readsWide else { return layer.wideOutput(layer.code(sum, channel: channel)) }
    let quantized = layer.requantization(channel).reduced(sum) &+ layer.outputZeroPoint
    return layer.wideOutput(quantized.clamped(to: layer.clamp))
  }
}

extension Wide: HostLayer {}
