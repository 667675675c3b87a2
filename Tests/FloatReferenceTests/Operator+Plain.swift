import Foundation
import NetworkGraph
import Tensors

/// Every operator written down again as its definition reads, in `Double`: the oracle of the kernels.
extension Operator {
  func plain(_ inputs: [[Double]], _ shapes: [Shape], _ output: Shape) -> [Double] {
    let (x, shape) = (inputs[0], shapes[0])
    switch self {
    case .conv2D(let conv): return conv.plain(x, shape, output)
    case .depthwiseConv2D(let conv): return conv.asGroups.plain(x, shape, output)
    case .fullyConnected(let layer):
      return (0..<layer.outputCount).map { o in
        x.indices.reduce(Double(layer.bias[o])) {
          $0 + x[$1] * Double(layer.weights[o * layer.inputCount + $1])
        }
      }
    case .batchNormalization(let layer):
      return x.indices.map {
        let c = $0 % shape.channels
        return Double(layer.scale[c]) * x[$0] + Double(layer.offset[c])
      }
    case .prelu(let layer):
      return x.enumerated().map { index, x in
        max(x, 0) + Double(layer.alpha[index % layer.alpha.count]) * min(x, 0)
      }
    case .activation(let activation): return x.map { activation($0) }
    case .add: return broadcast(inputs, shapes, output, +)
    case .multiply: return broadcast(inputs, shapes, output, *)
    case .averagePool(let pool):
      return pool.plain(x, shape, output) { $0.reduce(0, +) / Double(max($0.count, 1)) }
    case .maxPool(let pool): return pool.plain(x, shape, output) { $0.max() ?? 0 }
    case .globalAveragePool:
      let whole = Pool(kernel: shape.extent, stride: .unit)
      return whole.plain(x, shape, output) { $0.reduce(0, +) / Double($0.count) }
    case .pad(let padding):
      let inset = Pool(
        kernel: .unit, stride: .unit,
        padding: padding)
      return inset.plain(x, shape, output) { $0.first ?? 0 }
    case .transposedConv2D(let layer): return layer.plain(x, shape, output)
    case .resize(let resize):
      return output.positions.map { position in
        let (y, x0) = (resize.rows[position[1]], resize.columns[position[2]])
        return (0..<shape.extent.count).reduce(0) { sum, pixel in
          // The weight of a pixel falls with its distance along either axis.
          let share =
            max(0, 1 - abs(y - Double(pixel / shape.width)))
            * max(0, 1 - abs(x0 - Double(pixel % shape.width)))
          return sum + share * x[pixel * shape.channels + position[3]]
        }
      }
    case .reshape: return x
    case .logSoftmax:
      return x.indices.map { index in
        let start = index / shape.channels * shape.channels
        return x[index] - log(x[start..<start + shape.channels].reduce(0) { $0 + exp($1) })
      }
    case .concatenate(let layer):
      return output.positions.map { position in
        var (place, part) = (position, 0)
        while place[layer.axis] >= shapes[part].dimensions[layer.axis] {
          place[layer.axis] -= shapes[part].dimensions[layer.axis]
          part += 1
        }
        return inputs[part][shapes[part].stretched(place)]
      }
    case .rearrange(let layer):
      return Shape(layer.order.axes.map(\.count)).positions.map { position in
        x[zip(layer.order.axes, position).reduce(layer.order.start) { $0 + $1.0.stride * $1.1 }]
      }
    case .fakeQuantize(let codes):
      return x.map { value in
        let code = (value / Double(codes.scale)).rounded(.toNearestOrEven) + Double(codes.zeroPoint)
        return Double(codes.scale) * (min(max(code, -128), 127) - Double(codes.zeroPoint))
      }
    case .softmax:
      let powers = x.map { exp($0) }
      return powers.indices.map { index in
        let start = index / shape.channels * shape.channels
        return powers[index] / powers[start..<start + shape.channels].reduce(0, +)
      }
    }
  }

  private func broadcast(
    _ inputs: [[Double]], _ shapes: [Shape], _ output: Shape, _ combine: (Double, Double) -> Double
  ) -> [Double] {
    output.positions.map { position in
      combine(inputs[0][shapes[0].stretched(position)], inputs[1][shapes[1].stretched(position)])
    }
  }
}

extension Operator.Conv2D {
  func plain(_ x: [Double], _ shape: Shape, _ output: Shape) -> [Double] {
    let (groupIn, groupOut) = (inputChannels / groups, outputChannels / groups)
    return output.positions.map { position in
      let (outY, outX, o) = (position[1], position[2], position[3])
      var sum = Double(bias[o])
      for ky in 0..<kernel.height {
        for kx in 0..<kernel.width {
          let y = outY * stride.height - padding.top + ky * dilation.height
          let x0 = outX * stride.width - padding.left + kx * dilation.width
          guard (0..<shape.height).contains(y), (0..<shape.width).contains(x0) else { continue }
          for i in 0..<groupIn {
            let weight = weights[((o * kernel.height + ky) * kernel.width + kx) * groupIn + i]
            let pixel = (y * shape.width + x0) * shape.channels + o / groupOut * groupIn + i
            sum += Double(weight) * x[pixel]
          }
        }
      }
      return sum
    }
  }
}

extension Operator.TransposedConv2D {
  /// By input pixel, as the definition reads: each adds its products to the pixels that it reaches.
  func plain(_ x: [Double], _ shape: Shape, _ output: Shape) -> [Double] {
    let (depth, outputs) = (inputChannels / groups, outputChannels / groups)
    var sums = output.positions.map { Double(bias[$0[3]]) }
    for (index, position) in shape.positions.enumerated() {
      let group = position[3] / depth
      for tap in 0..<kernel.count {
        let y = position[1] * stride.height + tap / kernel.width - cropping.top
        let x0 = position[2] * stride.width + tap % kernel.width - cropping.left
        guard (0..<output.height).contains(y), (0..<output.width).contains(x0) else { continue }
        for o in group * outputs..<(group + 1) * outputs {
          let weight = weights[(o * kernel.count + tap) * depth + position[3] % depth]
          sums[(y * output.width + x0) * output.channels + o] += Double(weight) * x[index]
        }
      }
    }
    return sums
  }
}

extension Operator.DepthwiseConv2D {
  /// The same as a convolution with one group a channel.
  var asGroups: Operator.Conv2D {
    let transposed = (0..<outputChannels).flatMap { o in
      (0..<kernel.count).map { weights[$0 * outputChannels + o] }
    }
    return Operator.Conv2D(
      weights: transposed, bias: bias, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, inputChannels: channels, outputChannels: outputChannels, groups: channels)
  }
}

extension Operator.Pool {
  func plain(
    _ x: [Double], _ shape: Shape, _ output: Shape, _ reduce: ([Double]) -> Double
  ) -> [Double] {
    output.positions.map { position in
      var values: [Double] = []
      for y in 0..<shape.height {
        for x0 in 0..<shape.width {
          let ky = y - (position[1] * stride.height - padding.top)
          let kx = x0 - (position[2] * stride.width - padding.left)
          guard (0..<kernel.height).contains(ky), (0..<kernel.width).contains(kx) else { continue }
          values.append(x[(y * shape.width + x0) * shape.channels + position[3]])
        }
      }
      return reduce(values)
    }
  }
}

extension Shape {
  /// The coordinates of every value, in order.
  fileprivate var positions: [[Int]] {
    dimensions.reduce([[]]) { prefixes, size in
      prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } }
    }
  }

  /// The offset of the value at `position`, taken as 0 along an axis of 1.
  fileprivate func stretched(_ position: [Int]) -> Int {
    zip(dimensions, position).reduce(0) { $0 * $1.0 + ($1.0 == 1 ? 0 : $1.1) }
  }
}
