private import Glibc
package import Tensors

/// What a batch's logits are worth against what they should say.
package struct BatchLoss {
  /// The mean over the images.
  let loss: Double
  /// Images whose largest logit is that of the largest target.
  let correct: Int
  /// Of the mean, `[image][class]`.
  package let gradient: [Float]
}

/// The cross-entropy of softmax, or of the logistic function where there is one output.
package enum CrossEntropy {
  /// - Parameters:
  ///   - logits: `[image][class]`.
  ///   - targets: The probability that each class should have, as many.
  package static func loss(
    _ logits: UnsafePointer<Float>, _ targets: [Float], images: Int, classes: Int
  ) -> BatchLoss {
    precondition(targets.count == images * classes)
    var (sum, correct) = (0.0, 0)
    var gradient = [Float](repeating: 0, count: images * classes)
    for image in 0..<images {
      let row = UnsafeBufferPointer(start: logits + image * classes, count: classes)
      let wanted = targets[image * classes..<(image + 1) * classes]
      let (loss, found) = classes == 1 ? logistic(row, wanted) : softmax(row, wanted)
      sum += loss
      if isRight(row, wanted) { correct += 1 }
      for (c, probability) in found.enumerated() {
        gradient[image * classes + c] =
          Float((probability - Double(wanted[wanted.startIndex + c])) / Double(images))
      }
    }
    return BatchLoss(loss: sum / Double(images), correct: correct, gradient: gradient)
  }

  private static func softmax(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> (Double, [Double]) {
    let largest = Double(logits.max() ?? 0)
    let powers = logits.map { exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    let loss = zip(logits, targets).reduce(0.0) {
      $0 - Double($1.1) * (Double($1.0) - largest - log(sum))
    }
    return (loss, powers.map { $0 / sum })
  }

  private static func logistic(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> (Double, [Double]) {
    let (x, target) = (Double(logits[0]), Double(targets[targets.startIndex]))
    // log(1 + exp(x)) without overflow.
    let loss = max(x, 0) - x * target + log1p(exp(-abs(x)))
    return (loss, [1 / (1 + exp(-x))])
  }

  private static func isRight(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> Bool {
    guard logits.count > 1 else { return (logits[0] > 0) == (targets[targets.startIndex] > 0.5) }
    let wanted = targets.indices.max { targets[$0] < targets[$1] } ?? targets.startIndex
    let found = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    return found == wanted - targets.startIndex
  }
}

/// How parameters follow their gradients.
package enum Optimizer: Hashable, Codable, Sendable {
  /// `v = momentum * v + g`; `w -= rate * (g + momentum * v)`, with `g += decay * w` for kernels.
  /// Source: Sutskever et al., "On the importance of initialization and momentum", 2013, in the
  /// form of PyTorch's `SGD(nesterov=True)`.
  case nesterov(momentum: Double, decay: Double)
  /// Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
  case adamW(beta1: Double, beta2: Double, epsilon: Double, decay: Double)

  /// Moments that each parameter needs.
  var momentCount: Int {
    switch self {
    case .nesterov: 1
    case .adamW: 2
    }
  }
}

/// An optimizer at work: its moments, and how many steps it has taken.
package final class OptimizerState {
  let optimizer: Optimizer
  private(set) var steps = 0
  /// `momentCount` arrays of all parameters.
  let moments: [Floats]

  package init(_ optimizer: Optimizer, _ parameters: Parameters) {
    self.optimizer = optimizer
    moments = (0..<optimizer.momentCount).map { _ in Floats(parameters.values.count) }
  }

  func restore(steps: Int) { self.steps = steps }

  /// One step at `rate`.
  package func step(_ parameters: Parameters, rate: Double, team: Team) {
    steps += 1
    let list = parameters.list
    team.run(list.count) { index, _ in self.update(list[index], parameters, rate) }
  }

  private func update(
    _ parameter: Parameters.Parameter, _ parameters: Parameters, _ rate: Double
  ) {
    let values = parameters.values.start
    let gradients = parameters.gradients.start
    switch optimizer {
    case .nesterov(let momentum, let decay):
      let (m, d, r) = (Float(momentum), Float(parameter.decays ? decay : 0), Float(rate))
      let moment = moments[0].start
      for i in parameter.range {
        let gradient = gradients[i] + d * values[i]
        moment[i] = m * moment[i] + gradient
        values[i] -= r * (gradient + m * moment[i])
      }
    case .adamW(let beta1, let beta2, let epsilon, let decay):
      let (b1, b2, e) = (Float(beta1), Float(beta2), Float(epsilon))
      let keep = Float(1 - rate * (parameter.decays ? decay : 0))
      // The moments begin at 0 and are enlarged by what that takes from them.
      let size = Float(rate / (1 - pow(beta1, Double(steps))))
      let root = Float((1 - pow(beta2, Double(steps))).squareRoot())
      let (first, second) = (moments[0].start, moments[1].start)
      for i in parameter.range {
        let gradient = gradients[i]
        first[i] = b1 * first[i] + (1 - b1) * gradient
        second[i] = b2 * second[i] + (1 - b2) * gradient * gradient
        values[i] = keep * values[i] - size * first[i] / (second[i].squareRoot() / root + e)
      }
    }
  }
}

/// A moving average of weights and statistics: what is evaluated and kept.
final class WeightAverage {
  /// The share that stays at each step.
  private let keep: Float
  let values: Floats
  let statistics: Floats

  init(_ parameters: Parameters, keep: Double) {
    self.keep = Float(keep)
    values = Floats(parameters.values.array)
    statistics = Floats(parameters.statistics.array)
  }

  /// Takes the weights after step `step`, counted from 1. The first steps are forgotten faster: of
  /// 0 to 9 no more than a tenth of the average is what the network was before it learned.
  func add(_ parameters: Parameters, step: Int) {
    let share = 1 - min(keep, Float(step) / Float(step + 9))
    Self.move(values, toward: parameters.values, share)
    Self.move(statistics, toward: parameters.statistics, share)
  }

  private static func move(_ average: Floats, toward values: Floats, _ share: Float) {
    let (average, values, count) = (average.start, values.start, average.count)
    for i in 0..<count { average[i] += share * (values[i] - average[i]) }
  }

  /// Exchanges the average with the network's weights; twice is nothing.
  func exchange(with parameters: Parameters) {
    for (a, b) in [(values, parameters.values), (statistics, parameters.statistics)] {
      for i in 0..<a.count { swap(&a.start[i], &b.start[i]) }
    }
  }
}

/// How the learning rate goes over a training.
package struct RateSchedule: Hashable, Codable, Sendable {
  package enum Shape: String, CaseIterable, Codable, Sendable {
    /// Warm-up, then half a cosine to 0. Source: Loshchilov and Hutter, "SGDR", 2017.
    case cosine
    /// A cosine from a 25th of the peak up to it over the first 30%, and down to nearly nothing.
    /// Source: Smith and Topin, "Super-convergence", 2018, in the form of PyTorch's `OneCycleLR`.
    case oneCycle = "one-cycle"
    /// Warm-up, then the same rate to the end.
    case constant
  }

  package var shape: Shape
  /// The largest rate.
  package var peak: Double
  /// The share of all steps over which the rate rises from 0, before `cosine` and `constant`.
  package var warmUp: Double

  package init(_ shape: Shape, peak: Double, warmUp: Double) {
    (self.shape, self.peak, self.warmUp) = (shape, peak, warmUp)
  }

  /// The rate of step `step` of `total`, counted from 0.
  package func rate(_ step: Int, of total: Int) -> Double {
    let place = (Double(step) + 0.5) / Double(total)
    switch shape {
    case .oneCycle:
      let rise = 0.3
      return place < rise
        ? Self.cosine(from: peak / 25, to: peak, place / rise)
        : Self.cosine(from: peak, to: peak / 250_000, (place - rise) / (1 - rise))
    case .cosine, .constant:
      if place < warmUp { return peak * place / warmUp }
      guard shape == .cosine else { return peak }
      return Self.cosine(from: peak, to: 0, (place - warmUp) / (1 - warmUp))
    }
  }

  private static func cosine(from first: Double, to last: Double, _ place: Double) -> Double {
    last + (first - last) * (1 + cos(.pi * place)) / 2
  }
}
