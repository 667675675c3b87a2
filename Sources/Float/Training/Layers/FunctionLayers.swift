internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// A function of each value.
final class FunctionLayer: BatchLayer {
  private let count: Int
  private let function: mnqh_function
  private let ones = Floats([Float](repeating: 1, count: FunctionLayer.lanes))
  private let zeros = Floats(FunctionLayer.lanes)

  /// Values are taken as pixels of so many channels, one at a time where they do not divide.
  private static let lanes = 16

  init(_ shape: Shape, _ function: mnqh_function) {
    (count, self.function) = (shape.count, function)
  }

  var replacesGradient: Bool { true }

  func forward(_ step: LayerStep) {
    step.eachPart { images, _ in
      let (first, all) = self.range(images)
      var layer = self.native
      let channels = all % Self.lanes == 0 ? Self.lanes : 1
      mnqh_normalize_f32(
        &layer, all / channels, channels, step.inputs[0] + first, step.output + first)
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    step.eachPart { images, _ in
      let (first, all) = self.range(images)
      var layer = self.native
      let channels = all % Self.lanes == 0 ? Self.lanes : 1
      mnqh_normalization_gradient_f32(
        &layer, all / channels, channels, step.arriving + first, step.inputs[0] + first,
        self.ones.start, self.zeros.start, self.zeros.start, target + first)
    }
  }

  private func range(_ images: Range<Int>) -> (first: Int, count: Int) {
    (images.lowerBound * count, images.count * count)
  }

  private var native: mnqh_normalization {
    mnqh_normalization(scale: ones.start, offset: zeros.start, function: function)
  }
}

extension Activation {
  /// The kernels' name for the function; `nil` for those that `CurveLayer` computes.
  var native: mnqh_function? {
    switch self {
    case .relu: MNQH_RELU
    case .relu6: MNQH_RELU6
    case .hardSwish: MNQH_HARD_SWISH
    case .hardSigmoid: MNQH_HARD_SIGMOID
    case .logistic: MNQH_LOGISTIC
    default: nil
    }
  }
}

/// A function of each value that the kernels do not know, in double precision.
final class CurveLayer: BatchLayer {
  private let count: Int
  private let function: Activation

  init(_ shape: Shape, _ function: Activation) {
    (count, self.function) = (shape.count, function)
  }

  var replacesGradient: Bool { true }

  func forward(_ step: LayerStep) {
    step.eachPart { images, _ in
      for index in images.lowerBound * self.count..<images.upperBound * self.count {
        step.output[index] = Float(self.function(Double(step.inputs[0][index])))
      }
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    step.eachPart { images, _ in
      for index in images.lowerBound * self.count..<images.upperBound * self.count {
        let slope = self.function.slope(at: Double(step.inputs[0][index]))
        target[index] = step.arriving[index] * Float(slope)
      }
    }
  }
}

/// Stands between the layer that computes a tensor and those that read it, where a tensor has codes:
/// what readers get, the real values of the codes, is put there by whoever computed the codes.
///
/// With `x` computed, `y` read, `s` the scale of the codes and `t = 128 ln(s / s at the start)`:
/// where `x` is among the values that round to a code (half a step beyond the ends included),
/// `dy/dx = 1` and `dy/dt = (y - x) / 128`; elsewhere `dy/dx = 0` and `dy/dt = y / 128`.
/// Source: Esser et al., "Learned step size quantization", arXiv:1902.08153, equations 3 and 5, for
/// the logarithm of the step, so that steps of every size learn alike (Jain et al.,
/// arXiv:1903.08066, section 3.3).
final class RoundingLayer: BatchLayer {
  private let count: Int
  /// Of `t`; `nil` where the scale stays.
  private let range: Range<Int>?
  /// The real values that round to a code.
  var reach: ClosedRange<Float> = 0...0

  init(_ shape: Shape, _ name: String, learns: Bool, _ p: Parameters) {
    count = shape.count
    range = learns ? p.add("\(name) range", [0], decays: false) : nil
  }

  var partialCount: Int { 1 }
  var replacesGradient: Bool { true }

  func forward(_ step: LayerStep) {}

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    guard let range else {
      return step.eachPart { images, _ in _ = self.passBack(step, images, to: target) }
    }
    let gradient = step.parameters.gradients.start + range.lowerBound
    step.sumOverParts(1, into: gradient) { images, sum, _ in
      sum[0] = Float(self.passBack(step, images, to: target) / CodeUnits.ofLogarithm)
    }
  }

  /// Sets the gradient of `x` and returns that of the scale's logarithm.
  private func passBack(
    _ step: LayerStep, _ images: Range<Int>, to target: LayerStep.Values
  ) -> Double {
    let first = images.lowerBound * count
    var sum = 0.0
    mnqh_rounding_gradient_f32(
      images.count * count, reach.lowerBound, reach.upperBound, step.inputs[0] + first,
      step.output + first, step.arriving + first, target + first, &sum)
    return sum
  }
}

/// What parameters are counted in where codes learn: about one code each, so that one rate suits
/// weights, biases and ranges of every size.
package enum CodeUnits {
  /// The logarithm of a scale is counted in 128ths: one moves the outermost of 128 codes by a code.
  package static let ofLogarithm = 128.0
}

/// Integers that stand in for a network's values and weights while a batch goes through it.
package protocol CodeSource: AnyObject {
  /// Puts the real values of the integers in the network's place: of `images` images, which lie in its
  /// input, those of all tensors that have codes, and the weights'.
  ///
  /// - Throws: `TrainingError.integers`.
  func enter(_ images: Int) throws(TrainingError)

  /// Gives the parameters back what they were, and turns the gradients that arrived at the integers
  /// into theirs.
  func leave()
}
