internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// The mean or the largest value of windows of each channel. Padding counts neither as a value nor
/// in the divisor of a mean.
final class PoolLayer: BatchLayer {
  enum Kind { case average, largest }

  private let kind: Kind
  private let input: Shape
  private let output: Shape
  /// By output pixel: the input pixels of its window.
  private let windows: [[Int]]

  init(_ kind: Kind, _ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    (self.kind, self.input, self.output) = (kind, input, output)
    windows = (0..<output.extent.count).map { pixel in
      let (y, x) = pixel.quotientAndRemainder(dividingBy: output.width)
      let rows = Self.range(
        y, pool.stride.height, pool.padding.top, pool.kernel.height, input.height)
      let columns = Self.range(
        x, pool.stride.width, pool.padding.left, pool.kernel.width, input.width)
      return rows.flatMap { row in columns.map { row * input.width + $0 } }
    }
  }

  private static func range(
    _ output: Int, _ stride: Int, _ padding: Int, _ kernel: Int, _ size: Int
  ) -> Range<Int> {
    let first = output * stride - padding
    return max(first, 0)..<max(min(first + kernel, size), max(first, 0))
  }

  func forward(_ step: LayerStep) {
    eachImage(step) { image in
      let from = step.inputs[0] + image * self.input.count
      let to = step.output + image * self.output.count
      let channels = self.input.channels
      for (pixel, window) in self.windows.enumerated() {
        for c in 0..<channels {
          switch self.kind {
          case .average:
            let sum = window.reduce(0 as Float) { $0 + from[$1 * channels + c] }
            to[pixel * channels + c] = sum / Float(window.count)
          case .largest:
            to[pixel * channels + c] = window.reduce(-.infinity) {
              max($0, from[$1 * channels + c])
            }
          }
        }
      }
    }
  }

  /// Of equal values, the first gets the gradient.
  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    eachImage(step) { image in
      let from = step.inputs[0] + image * self.input.count
      let upstream = step.arriving + image * self.output.count
      let to = target + image * self.input.count
      let channels = self.input.channels
      to.update(repeating: 0, count: self.input.count)
      for (pixel, window) in self.windows.enumerated() {
        for c in 0..<channels {
          let gradient = upstream[pixel * channels + c]
          switch self.kind {
          case .average:
            for place in window { to[place * channels + c] += gradient / Float(window.count) }
          case .largest:
            var best = window.first ?? 0
            for place in window where from[place * channels + c] > from[best * channels + c] {
              best = place
            }
            to[best * channels + c] += gradient
          }
        }
      }
    }
  }

  private func eachImage(_ step: LayerStep, _ body: (Int) -> Void) {
    step.eachPart { images, _ in images.forEach(body) }
  }
}

/// The mean of each channel over the whole image.
final class GlobalPoolLayer: BatchLayer {
  private let pixels: Int
  private let channels: Int

  init(_ input: Shape) { (pixels, channels) = (input.extent.count, input.channels) }

  func forward(_ step: LayerStep) {
    let (pixels, channels) = (pixels, channels)
    step.eachPart { images, _ in
      for image in images {
        let from = step.inputs[0] + image * pixels * channels
        let to = step.output + image * channels
        mnqh_mean_f32(pixels, channels, from, to)
      }
    }
  }

  func backward(_ step: LayerStep) {
    guard let target = step.gradients[0] else { return }
    let (pixels, channels) = (pixels, channels)
    step.eachPart { images, _ in
      for image in images {
        let upstream = step.arriving + image * channels
        let to = target + image * pixels * channels
        for c in 0..<channels { to[c] = upstream[c] / Float(pixels) }
        for pixel in 1..<max(pixels, 1) {
          (to + pixel * channels).update(from: to, count: channels)
        }
      }
    }
  }
}

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
