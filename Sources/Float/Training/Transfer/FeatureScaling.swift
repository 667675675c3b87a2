internal import NetworkGraph
internal import Tensors

/// Features shifted and stretched to a mean of 0 and a deviation of 1 each, so that an optimizer
/// comes as far along all of them; and the same taken back in the weights that learned from them.
struct FeatureScaling {
  private let mean: [Float]
  /// `1 / deviation`; 0 for a feature that is always the same.
  private let inverse: [Float]

  /// Scales what `head`, one node, reads.
  ///
  /// - Parameter features: `[image][feature]`; scaled in place.
  /// - Returns: `nil` where zeros that the layer adds around its input, or several of its taps,
  ///   would have to be scaled too.
  init?(_ features: Floats, for head: Operator) {
    let channels: Int
    switch head {
    case .fullyConnected(let layer): channels = layer.inputCount
    case .conv2D(let layer)
    where layer.kernel == .unit && layer.groups == 1 && layer.padding == .none:
      channels = layer.inputChannels
    default: return nil
    }
    let rows = features.count / channels
    var (sum, squares) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    for row in 0..<rows {
      for c in 0..<channels { sum[c] += Double(features.start[row * channels + c]) }
    }
    let mean = sum.map { $0 / Double(rows) }
    for row in 0..<rows {
      for c in 0..<channels {
        let distance = Double(features.start[row * channels + c]) - mean[c]
        squares[c] += distance * distance
      }
    }
    let inverse = squares.map { $0 > 0 ? Float(1 / ($0 / Double(rows)).squareRoot()) : 0 }
    self.mean = mean.map { Float($0) }
    self.inverse = inverse.map { $0.isFinite ? $0 : 0 }
    for row in 0..<rows {
      for c in 0..<channels {
        let value = features.start[row * channels + c]
        features.start[row * channels + c] = (value - self.mean[c]) * self.inverse[c]
      }
    }
  }

  /// Changes `kernel`, `[output][feature]`, and `bias` of features as they are to give the same for
  /// scaled ones.
  func apply(
    _ kernel: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>, outputs: Int
  ) {
    for output in 0..<outputs {
      var shift = 0.0
      for c in mean.indices {
        let index = output * mean.count + c
        shift += Double(kernel[index]) * Double(mean[c])
        kernel[index] = inverse[c] > 0 ? kernel[index] / inverse[c] : 0
      }
      bias[output] += Float(shift)
    }
  }

  /// Changes `kernel`, `[output][feature]`, and `bias`, which learned from scaled features, to give
  /// the same for features as they are.
  func takeBack(
    _ kernel: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>, outputs: Int
  ) {
    for output in 0..<outputs {
      var shift = 0.0
      for c in mean.indices {
        kernel[output * mean.count + c] *= inverse[c]
        shift += Double(kernel[output * mean.count + c]) * Double(mean[c])
      }
      bias[output] -= Float(shift)
    }
  }
}
