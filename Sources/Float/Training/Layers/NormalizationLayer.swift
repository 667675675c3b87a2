internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// A batch normalization with the function of each value that follows it, if any.
///
/// `y = f(gamma * (x - mean) / sqrt(variance + epsilon) + beta)`, in training with the mean and the
/// biased variance of the batch. Source: Ioffe and Szegedy, "Batch normalization", 2015; gathered
/// variances are unbiased, as PyTorch's are.
final class NormalizationLayer: BatchLayer {
  private let channels: Int
  private let rowsOfImage: Int
  private let epsilon: Float
  private let function: mnqh_function
  private let gamma: Range<Int>
  private let beta: Range<Int>
  let mean: Range<Int>
  let variance: Range<Int>
  /// Of the last batch, one value a channel: its mean, `1 / sqrt(variance + epsilon)`, and what
  /// they make of gamma and beta.
  private let center: Floats
  private let inverse: Floats
  private let scale: Floats
  private let offset: Floats

  /// How much of the gathered statistics one batch replaces: PyTorch's `momentum`.
  private static let share: Float = 0.1

  init(
    _ layer: Normalization, _ shape: Shape, _ function: mnqh_function, _ name: String,
    _ p: Parameters
  ) {
    channels = shape.channels
    rowsOfImage = shape.count / shape.channels
    epsilon = layer.epsilon
    self.function = function
    gamma = p.add("\(name) gamma", layer.gamma, decays: false)
    beta = p.add("\(name) beta", layer.beta, decays: false)
    mean = p.addStatistics(layer.mean)
    variance = p.addStatistics(layer.variance)
    center = Floats(channels)
    inverse = Floats(channels)
    scale = Floats(channels)
    offset = Floats(channels)
  }

  var partialCount: Int { 2 * channels }
  var replacesGradient: Bool { true }

  func forward(_ step: LayerStep) {
    switch step.mode {
    case .training: takeMoments(step)
    case .tuning, .evaluation:
      let statistics = step.parameters.statistics.start
      for c in 0..<channels {
        center.start[c] = statistics[mean.lowerBound + c]
        inverse.start[c] = 1 / (statistics[variance.lowerBound + c] + epsilon).squareRoot()
      }
    }
    let values = step.parameters.values.start
    for c in 0..<channels {
      scale.start[c] = values[gamma.lowerBound + c] * inverse.start[c]
      offset.start[c] = values[beta.lowerBound + c] - center.start[c] * scale.start[c]
    }
    step.eachPart { images, _ in
      let first = images.lowerBound * self.rowsOfImage * self.channels
      var layer = self.native
      mnqh_normalize_f32(
        &layer, images.count * self.rowsOfImage, self.channels, step.inputs[0] + first,
        step.output + first)
    }
  }

  /// The batch's mean and variance, drawn together part by part in double precision.
  /// Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm", 1979.
  private func takeMoments(_ step: LayerStep) {
    let (parts, partials, channels) = (step.parts, step.memory.partials.start, channels)
    step.team.run(parts.count) { part, _ in
      let first = parts[part].lowerBound * self.rowsOfImage * channels
      let sums = partials + part * 2 * channels
      mnqh_moments_f32(
        parts[part].count * self.rowsOfImage, channels, step.inputs[0] + first, sums,
        sums + channels)
    }
    let statistics = step.parameters.statistics.start
    for c in 0..<channels {
      var (count, mean, squares) = (0.0, 0.0, 0.0)
      for part in 0..<parts.count {
        let rows = Double(parts[part].count * rowsOfImage)
        let distance = Double(partials[part * 2 * channels + c]) / rows - mean
        squares +=
          Double(partials[(part * 2 + 1) * channels + c])
          + distance * distance * count * rows / (count + rows)
        count += rows
        mean += distance * rows / count
      }
      center.start[c] = Float(mean)
      inverse.start[c] = Float(1 / (squares / count + Double(epsilon)).squareRoot())
      let found = (Float(mean), Float(squares / max(count - 1, 1)))
      statistics[self.mean.lowerBound + c] +=
        Self.share * (found.0 - statistics[self.mean.lowerBound + c])
      statistics[variance.lowerBound + c] +=
        Self.share * (found.1 - statistics[variance.lowerBound + c])
    }
  }

  func backward(_ step: LayerStep) {
    let gradients = step.parameters.gradients.start
    let channels = channels
    var sums = [Float](repeating: 0, count: 2 * channels)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let start = sums.baseAddress else { return }
      step.sumOverParts(2 * channels, into: start) { images, partial, _ in
        let first = images.lowerBound * self.rowsOfImage * channels
        var layer = self.native
        mnqh_normalization_sums_f32(
          &layer, images.count * self.rowsOfImage, channels, step.arriving + first,
          step.inputs[0] + first, self.center.start, partial, partial + channels)
      }
    }
    // With N rows and x' = (x - mean) * inverse, the gradient is
    // scale * (g - sum(g) / N - x' * sum(g * x') / N).
    var (pull, shift) = (
      [Float](repeating: 0, count: channels), [Float](repeating: 0, count: channels)
    )
    let rows = Float(step.images * rowsOfImage)
    for c in 0..<channels {
      let product = sums[channels + c] * inverse.start[c]
      gradients[gamma.lowerBound + c] = product
      gradients[beta.lowerBound + c] = sums[c]
      guard step.mode == .training else { continue }
      pull[c] = -scale.start[c] * inverse.start[c] * product / rows
      shift[c] = -scale.start[c] * sums[c] / rows - pull[c] * center.start[c]
    }
    guard let target = step.gradients[0] else { return }
    let (pulls, shifts) = (pull, shift)
    step.eachPart { images, _ in
      let first = images.lowerBound * self.rowsOfImage * channels
      var layer = self.native
      mnqh_normalization_gradient_f32(
        &layer, images.count * self.rowsOfImage, channels, step.arriving + first,
        step.inputs[0] + first, self.scale.start, pulls, shifts, target + first)
    }
  }

  /// What was learned and gathered.
  func normalization(_ p: Parameters) -> Normalization {
    Normalization(
      gamma: p.values(gamma), beta: p.values(beta), mean: p.statistics(mean),
      variance: p.statistics(variance), epsilon: epsilon)
  }

  private var native: mnqh_normalization {
    mnqh_normalization(scale: scale.start, offset: offset.start, function: function)
  }
}
