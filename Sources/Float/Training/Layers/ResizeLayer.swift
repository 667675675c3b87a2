internal import NetworkGraph
internal import Tensors

/// An image in another size.
final class ResizeLayer: BatchLayer {
  private let rows: [Operator.Resize.Tap]
  private let columns: [Operator.Resize.Tap]
  private let input: Shape
  private let output: Shape

  init(_ resize: Operator.Resize, _ input: Shape, _ output: Shape) {
    rows = Operator.Resize.taps(resize.rows)
    columns = Operator.Resize.taps(resize.columns)
    (self.input, self.output) = (input, output)
  }

  func forward(_ step: LayerStep) {
    step.eachPart { images, _ in
      for image in images {
        let target = step.output + image * output.count
        target.update(repeating: 0, count: output.count)
        eachShare(step.inputs[0] + image * input.count, target) { from, to, share in
          for c in 0..<input.channels { to[c] += share * from[c] }
        }
      }
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    step.eachPart { images, _ in
      for image in images {
        let gradient = target + image * input.count
        gradient.update(repeating: 0, count: input.count)
        eachShare(gradient, step.arriving + image * output.count) { to, from, share in
          for c in 0..<input.channels { to[c] += share * from[c] }
        }
      }
    }
  }

  /// Calls `body` with each pixel of the small image that a pixel of the large one is mixed of.
  private func eachShare(
    _ source: LayerStep.Values, _ result: LayerStep.Values,
    _ body: (_ source: LayerStep.Values, _ result: LayerStep.Values, _ share: Float) -> Void
  ) {
    for (outY, y) in rows.enumerated() {
      for (row, rowShare) in [(y.first, 1 - y.share), (y.second, y.share)] where rowShare > 0 {
        for (outX, x) in columns.enumerated() {
          let pixel = result + (outY * output.width + outX) * output.channels
          for (column, share) in [(x.first, 1 - x.share), (x.second, x.share)] where share > 0 {
            body(
              source + (row * input.width + column) * input.channels, pixel, rowShare * share)
          }
        }
      }
    }
  }
}
