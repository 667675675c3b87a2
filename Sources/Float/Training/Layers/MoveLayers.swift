internal import NetworkGraph
internal import Tensors

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
