internal import FixedPoint
package import QuantizedIR

extension Copy: PlainLayer {
  /// Copies the values of one image. Where `fill` is `nil`, `destination` keeps the others.
  ///
  /// Twin: `mnq_copy_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == inputCount && destination.count == outputCount)
    if let fill {
      for index in 0..<outputCount { destination[index] = fill }
    }
    for i in 0..<shape[0] {
      for j in 0..<shape[1] {
        for k in 0..<shape[2] {
          let from =
            sourceStart + i * sourceStrides[0] + j * sourceStrides[1] + k * sourceStrides[2]
          let to =
            start + i * destinationStrides[0] + j * destinationStrides[1]
            + k * destinationStrides[2]
          for l in 0..<shape[3] {
            destination[to + l * destinationStrides[3]] = source[from + l * sourceStrides[3]]
          }
        }
      }
    }
  }
}

extension Copy: HostLayer {}

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
  func code(_ sum: Int32, channel: Int, of layer: ChannelSums) -> Int32 {
    guard readsWide else { return layer.wideOutput(layer.code(sum, channel: channel)) }
    let quantized = layer.requantization(channel).reduced(sum) &+ layer.outputZeroPoint
    return layer.wideOutput(quantized.clamped(to: layer.clamp))
  }
}

extension Wide: HostLayer {}
