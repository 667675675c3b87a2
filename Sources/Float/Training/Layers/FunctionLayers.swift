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
