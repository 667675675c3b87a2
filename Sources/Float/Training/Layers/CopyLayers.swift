internal import NetworkGraph
internal import Tensors

/// The same values under another shape.
final class ReshapeLayer: BatchLayer {
  private let count: Int

  init(_ shape: Shape) { count = shape.count }

  var replacesGradient: Bool { true }

  func forward(_ step: LayerStep) {
    step.output.update(from: step.inputs[0], count: step.images * count)
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0], target != step.arriving else { return }
    target.update(from: step.arriving, count: step.images * count)
  }
}

/// Zeros around the image.
final class PadLayer: BatchLayer {
  private let input: Shape
  private let output: Shape
  private let padding: Padding

  init(_ padding: Padding, _ input: Shape, _ output: Shape) {
    (self.input, self.output, self.padding) = (input, output, padding)
  }

  func forward(_ step: LayerStep) {
    step.output.update(repeating: 0, count: step.images * output.count)
    eachRow(step.images) { small, large, count in
      (step.output + large).update(from: step.inputs[0] + small, count: count)
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    eachRow(step.images) { small, large, count in
      (target + small).update(from: step.arriving + large, count: count)
    }
  }

  /// Where each row of the input lies in it and in the output, and how many values it has.
  private func eachRow(_ images: Int, _ body: (_ small: Int, _ large: Int, _ count: Int) -> Void) {
    let row = input.width * input.channels
    for image in 0..<images {
      for y in 0..<input.height {
        let line = (image * output.height + y + padding.top) * output.width + padding.left
        body((image * input.height + y) * row, line * output.channels, row)
      }
    }
  }
}

/// Values that are left out by chance in training, the others enlarged to the same mean.
/// Source: Srivastava et al., "Dropout", 2014.
final class DropoutLayer: BatchLayer {
  private let count: Int
  /// The share of values left out, in `0 ..< 1`.
  private let share: Float

  init(_ shape: Shape, share: Float) { (count, self.share) = (shape.count, share) }

  func forward(_ step: LayerStep) {
    switch step.mode {
    case .evaluation: step.output.update(from: step.inputs[0], count: step.images * count)
    case .training, .tuning: apply(step, step.inputs[0], step.output)
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    apply(step, step.arriving, target)
  }

  var replacesGradient: Bool { true }

  private func apply(_ step: LayerStep, _ from: LayerStep.Values, _ to: LayerStep.Values) {
    guard step.mode != .evaluation else {
      if from != to { to.update(from: from, count: step.images * count) }
      return
    }
    var random = SplitMix64(seed: step.seed)
    for index in 0..<step.images * count {
      let draw = Float(random.next() >> 40) * 0x1p-24
      to[index] = draw < share ? 0 : from[index] / (1 - share)
    }
  }
}

/// The values in another order.
final class RearrangeLayer: BatchLayer {
  private let places: [Int]
  private let inputCount: Int
  private let outputCount: Int

  init(_ order: StridedOrder, _ input: Shape, _ output: Shape) {
    places = order.places
    (inputCount, outputCount) = (input.count, output.count)
  }

  func forward(_ step: LayerStep) {
    for image in 0..<step.images {
      let (from, to) = (step.inputs[0] + image * inputCount, step.output + image * outputCount)
      for (index, place) in places.enumerated() { to[index] = from[place] }
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    target.update(repeating: 0, count: step.images * inputCount)
    for image in 0..<step.images {
      let (to, from) = (target + image * inputCount, step.arriving + image * outputCount)
      for (index, place) in places.enumerated() { to[place] += from[index] }
    }
  }
}

/// Tensors one behind the other.
final class ConcatenateLayer: BatchLayer {
  private let parts: [(length: Int, start: Int)]
  private let length: Int
  /// How often all runs of one image follow one another.
  private let runs: Int

  init(_ operation: Operator.Concatenate, _ inputs: [Shape], _ output: Shape) {
    (parts, length) = operation.runs(inputs)
    runs = output.count / length
  }

  func forward(_ step: LayerStep) {
    for (input, part) in zip(step.inputs, parts) {
      for run in 0..<step.images * runs {
        (step.output + run * length + part.start).update(
          from: input + run * part.length, count: part.length)
      }
    }
  }

  func backward(_ step: LayerStep) {
    for (target, part) in zip(step.gradients, parts) {
      guard let target else { continue }
      for run in 0..<step.images * runs {
        (target + run * part.length).update(
          from: step.arriving + run * length + part.start, count: part.length)
      }
    }
  }
}
