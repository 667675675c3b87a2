import Engines
import Foundation
import QuantizedIR
import Tensors

/// The layers of a one-layer model in double precision, on the real values of their codes.
enum Reference {
  static func output(_ model: QuantizedModel, _ codes: [Int8]) -> [Double] {
    let input = codes.map(model.inputTensor.real)
    let scales = model.layers[0].weightScales.values.map { Double($0) * model.inputTensor.scale }
    switch model.layers[0].operation {
    case .conv2D(let layer):
      return window(layer.output, layer.input, layer.kernel, layer.stride, layer.padding) {
        pixels in
        (0..<layer.outputChannels).map { o in
          pixels.reduce(Double(layer.bias[o]) * scales[o]) { sum, tap in
            (0..<layer.inputChannels).reduce(sum) { sum, c in
              let weight = layer.weights[
                (o * layer.kernel.count + tap.tap) * layer.inputChannels + c]
              return sum + input[tap.pixel * layer.inputChannels + c] * Double(weight)
                * Double(model.layers[0].weightScales[o])
            }
          }
        }
      }
    case .depthwiseConv2D(let layer):
      return window(layer.output, layer.input, layer.kernel, layer.stride, layer.padding) {
        pixels in
        (0..<layer.channels).map { c in
          pixels.reduce(Double(layer.bias[c]) * scales[c]) { sum, tap in
            sum + input[tap.pixel * layer.channels + c]
              * Double(layer.weights[tap.tap * layer.channels + c])
              * Double(model.layers[0].weightScales[c])
          }
        }
      }
    case .add: return input.map { $0 + $0 }
    case .multiply: return input.map { $0 * $0 }
    case .mean(let layer):
      return (0..<layer.channels).map { c in
        (0..<layer.pixels).reduce(0) { $0 + input[$1 * layer.channels + c] } / Double(layer.pixels)
      }
    case .pool(let layer):
      return window(layer.output, layer.input, layer.kernel, layer.stride, layer.padding) {
        pixels in
        (0..<layer.channels).map { c in
          pixels.map { input[$0.pixel * layer.channels + c] }.max() ?? 0
        }
      }
    case .softmax(let layer): return softmax(input, depth: layer.depth)
    case .copy: return framed(input, model.inputTensor.shape, in: model.outputTensor.shape)
    case .fullyConnected, .lookup, .prelu, .l2Normalization, .transposedConv2D, .resize, .extremum,
      .squaredDifference, .wide:
      preconditionFailure("has tests of its own")
    }
  }

  private static func softmax(_ input: [Double], depth: Int) -> [Double] {
    (0..<input.count / depth).flatMap { row in
      let powers = input[row * depth..<(row + 1) * depth].map { exp($0) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
  }

  /// `input` in the middle of zeros.
  private static func framed(_ input: [Double], _ from: Shape, in to: Shape) -> [Double] {
    let (top, left) = ((to.height - from.height) / 2, (to.width - from.width) / 2)
    return (0..<to.count).map { index in
      let (y, x) = (
        index / to.channels / to.width - top, index / to.channels % to.width - left
      )
      guard (0..<from.height).contains(y), (0..<from.width).contains(x) else { return 0 }
      return input[(y * from.width + x) * from.channels + index % to.channels]
    }
  }

  private static func window(
    _ output: Extent, _ input: Extent, _ kernel: Extent, _ stride: Extent, _ padding: Extent,
    _ body: ([(tap: Int, pixel: Int)]) -> [Double]
  ) -> [Double] {
    (0..<output.count).flatMap { position in
      let originY = position / output.width * stride.height - padding.height
      let originX = position % output.width * stride.width - padding.width
      return body(
        (0..<kernel.count).compactMap { tap in
          let (y, x) = (originY + tap / kernel.width, originX + tap % kernel.width)
          guard (0..<input.height).contains(y), (0..<input.width).contains(x) else { return nil }
          return (tap, y * input.width + x)
        })
    }
  }
}
