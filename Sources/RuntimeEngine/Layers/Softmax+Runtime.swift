internal import CRuntime
internal import QuantizedIR

extension Softmax {
  /// The C twin.
  var runtimeLayer: mnq_softmax {
    mnq_softmax(
      depth: Int32(depth), factor: factor.runtimeValue, smallest_difference: smallestDifference)
  }
}
