internal import HostKernels
internal import NetworkGraph

/// What a kernel does to its output before it writes it.
enum Ending: Hashable, Sendable {
  case nothing
  case clamp(ClosedRange<Float>)
  case hardSwish

  /// As kernels of convolutions read it.
  var native: mnqh_ending_f32 {
    let clamp = clamp
    return mnqh_ending_f32(
      minimum: clamp.lowerBound, maximum: clamp.upperBound, hard_swish: self == .hardSwish)
  }

  /// What an interval cuts the output to: everything where there is none.
  var clamp: ClosedRange<Float> {
    if case .clamp(let range) = self { range } else { -.infinity ... .infinity }
  }

  /// `activation` at the end of `operation`, where its kernel knows how.
  init?(_ activation: Activation, endOf operation: Operator) {
    let clamp = activation.clamp.map { Self.clamp(Float($0.lowerBound)...Float($0.upperBound)) }
    switch operation {
    case .conv2D, .depthwiseConv2D, .fullyConnected:
      guard let ending = activation == .hardSwish ? .hardSwish : clamp else { return nil }
      self = ending
    case .add:
      guard let clamp else { return nil }
      self = clamp
    case .batchNormalization, .activation, .multiply, .averagePool, .maxPool, .globalAveragePool,
      .pad, .reshape, .softmax:
      return nil
    }
  }
}
