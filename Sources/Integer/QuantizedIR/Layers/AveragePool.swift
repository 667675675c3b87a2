package import Tensors

/// The average of a sliding window, input and output on one scale: the sum of the codes inside
/// the image divided by their number, to nearest, ties away from zero, clamped.
///
/// Twin: `mnq_average_pool` in `CRuntime`. Source: TensorFlow Lite
/// `reference/integer_ops/pooling.h`.
package struct AveragePool: Hashable, Codable, Sendable {
  package var input: Extent
  package var output: Extent
  package var kernel: Extent
  package var stride: Extent
  /// Rows above and columns to the left; what lies below and to the right follows from `output`.
  package var padding: Extent
  package var channels: Int
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, padding: Extent, channels: Int,
    clamp: ClosedRange<Int32> = -128...127
  ) {
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.channels = channels
    self.clamp = clamp
  }
}
