internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// The pixels that a pooling looks at: padding counts for nothing.
struct PoolWindow: Sendable {
  private let pool: Operator.Pool
  private let input: Extent
  private let output: Extent

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    self.pool = pool
    self.input = input.extent
    self.output = output.extent
  }

  /// Calls `body` for each output pixel with its index and those of the input pixels in its window.
  func run(_ body: (Int, [Int]) -> Void) {
    for outY in 0..<output.height {
      let rows = Self.covered(
        outY * pool.stride.height - pool.padding.top, pool.kernel.height, input.height)
      for outX in 0..<output.width {
        let columns = Self.covered(
          outX * pool.stride.width - pool.padding.left, pool.kernel.width, input.width)
        let pixels = rows.flatMap { row in columns.map { row * input.width + $0 } }
        body(outY * output.width + outX, pixels)
      }
    }
  }

  /// The part of `origin ..< origin + kernel` that lies in the image; empty where none does.
  private static func covered(_ origin: Int, _ kernel: Int, _ size: Int) -> Range<Int> {
    let first = min(max(origin, 0), size)
    return first..<max(first, min(origin + kernel, size))
  }
}

/// `Operator.averagePool`: the mean of a window's pixels, 0 where it lies in the padding only.
struct AveragePoolKernel: PlainKernel {
  private let window: PoolWindow
  private let channels: Int

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    window = PoolWindow(pool, input, output)
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    window.run { outputPixel, pixels in
      for c in 0..<channels {
        let sum = pixels.reduce(0) { $0 + Double(input[$1 * channels + c]) }
        output[outputPixel * channels + c] = Float(sum / Double(max(pixels.count, 1)))
      }
    }
  }
}

/// `Operator.maxPool`: the largest of a window's pixels, 0 where it lies in the padding only.
struct MaxPoolKernel: PlainKernel {
  private let window: PoolWindow
  private let channels: Int

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    window = PoolWindow(pool, input, output)
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    window.run { outputPixel, pixels in
      for c in 0..<channels {
        let values = pixels.lazy.map { input[$0 * channels + c] }
        output[outputPixel * channels + c] = values.max() ?? 0
      }
    }
  }
}

/// `Operator.globalAveragePool`, summed in `Double`.
struct GlobalAveragePoolKernel: PlainKernel {
  private let pixels: Int
  private let channels: Int

  init(_ input: Shape) {
    pixels = input.extent.count
    channels = input.channels
  }

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    mnqh_mean_f32(pixels, channels, input.baseAddress, output.baseAddress)
  }
}

extension Operator.AveragePool: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    AveragePoolKernel(pool, inputs[0], output)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.shapes[0].channels
    let found = node.filled { result in
      PoolWindow(pool, node.shapes[0], node.outputShape).run { outputPixel, pixels in
        for pixel in pixels {
          for c in 0..<channels {
            result[pixel * channels + c] +=
              node.gradient[outputPixel * channels + c] / Float(pixels.count)
          }
        }
      }
    }
    return [found]
  }
}

extension Operator.MaxPool: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    MaxPoolKernel(pool, inputs[0], output)
  }

  /// To the first of equal values.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.shapes[0].channels
    let found = node.filled { result in
      PoolWindow(pool, node.shapes[0], node.outputShape).run { outputPixel, pixels in
        for c in 0..<channels {
          let places = pixels.map { $0 * channels + c }
          guard let largest = places.max(by: { node.inputs[0][$0] < node.inputs[0][$1] }) else {
            continue
          }
          result[largest] += node.gradient[outputPixel * channels + c]
        }
      }
    }
    return [found]
  }
}

extension Operator.GlobalAveragePool: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    GlobalAveragePoolKernel(inputs[0])
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let (pixels, channels) = (node.shapes[0].extent.count, node.shapes[0].channels)
    return [(0..<pixels * channels).map { node.gradient[$0 % channels] / Float(pixels) }]
  }
}

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
