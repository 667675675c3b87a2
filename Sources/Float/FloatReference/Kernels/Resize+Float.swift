internal import NetworkGraph
internal import Tensors

/// `Operator.Resize` of an image of known channels.
struct ResizeKernel: PlainKernel {
  private let rows: [Operator.Resize.Tap]
  private let columns: [Operator.Resize.Tap]
  private let inputWidth: Int
  private let channels: Int

  init(_ resize: Operator.Resize, channels: Int) {
    rows = Operator.Resize.taps(resize.rows)
    columns = Operator.Resize.taps(resize.columns)
    inputWidth = resize.input.width
    self.channels = channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    var place = 0
    for y in rows {
      let (top, bottom) = (y.first * inputWidth, y.second * inputWidth)
      for x in columns {
        let corners = (
          (top + x.first) * channels, (top + x.second) * channels,
          (bottom + x.first) * channels, (bottom + x.second) * channels
        )
        for c in 0..<channels {
          let (a, b) = (input[corners.0 + c], input[corners.2 + c])
          let upper = a + (input[corners.1 + c] - a) * x.share
          let lower = b + (input[corners.3 + c] - b) * x.share
          output[place + c] = upper + (lower - upper) * y.share
        }
        place += channels
      }
    }
  }
}

extension Operator.Resize: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    ResizeKernel(self, channels: output.channels)
  }

  /// To each of the four pixels by its share.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let (channels, width) = (node.outputShape.channels, input.width)
    let columns = Self.taps(columns)
    let found = node.filled { result in
      var place = 0
      for y in Self.taps(rows) {
        for (row, rowShare) in [(y.first, 1 - y.share), (y.second, y.share)] {
          for (outX, x) in columns.enumerated() {
            for (column, share) in [(x.first, 1 - x.share), (x.second, x.share)] {
              for c in 0..<channels {
                result[(row * width + column) * channels + c] +=
                  rowShare * share * node.gradient[place + outX * channels + c]
              }
            }
          }
        }
        place += columns.count * channels
      }
    }
    return [found]
  }
}
