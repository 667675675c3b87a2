internal import CRuntime
internal import QuantizedIR

extension Copy {
  /// The C twin.
  var runtimeLayer: mnq_copy {
    mnq_copy(
      shape: shape.runtimeAxes, source_strides: sourceStrides.runtimeAxes,
      destination_strides: destinationStrides.runtimeAxes, start: Int32(start),
      output_count: Int32(outputCount), is_filled: fill == nil ? 0 : 1, fill: Int32(fill ?? 0))
  }
}
