import NetworkGraph
import Tensors

/// A network over a batch in double precision, by the book: what gradients are measured with.
struct PlainTraining {
  let graph: Graph
  let normalizations: [String: Normalization]
  /// With the statistics of the batch.
  let isTraining: Bool
  let images: Int

  /// The values of the output for `input`, `[image][value]`.
  func output(_ input: [Double]) -> [Double] {
    var tensors: [Int: [Double]] = [graph.input: input]
    for node in graph.nodes {
      tensors[node.output] = run(node, node.inputs.map { tensors[$0] ?? [] })
    }
    return tensors[graph.output] ?? []
  }

  private func run(_ node: Node, _ inputs: [[Double]]) -> [Double] {
    let shapes = node.inputs.map { graph.tensors[$0].shape }
    let output = graph.tensors[node.output].shape
    if case .batchNormalization(let layer) = node.operation {
      return normalize(inputs[0], normalizations[node.name], layer)
    }
    return (0..<images).flatMap { image in
      let parts = zip(inputs, shapes).map { values, shape in
        Array(values[image * shape.count..<(image + 1) * shape.count])
      }
      return one(node.operation, parts, shapes, output)
    }
  }

  private func one(
    _ operation: Operator, _ x: [[Double]], _ shapes: [Shape], _ output: Shape
  ) -> [Double] {
    switch operation {
    case .conv2D(let layer):
      let group = (layer.inputChannels / layer.groups, layer.outputChannels / layer.groups)
      return windows(
        shapes[0], output, layer.kernel, layer.stride, layer.dilation, layer.padding
      ) { pixels, o in
        let first = o / group.1 * group.0
        return pixels.reduce(Double(layer.bias[o])) { sum, place in
          (0..<group.0).reduce(sum) { sum, c in
            let weight = layer.weights[(o * layer.kernel.count + place.tap) * group.0 + c]
            return sum + Double(weight) * x[0][place.pixel * layer.inputChannels + first + c]
          }
        }
      }
    case .depthwiseConv2D(let layer):
      return windows(
        shapes[0], output, layer.kernel, layer.stride, layer.dilation, layer.padding
      ) { pixels, o in
        pixels.reduce(Double(layer.bias[o])) { sum, place in
          let weight = layer.weights[place.tap * layer.outputChannels + o]
          return sum + Double(weight) * x[0][place.pixel * layer.channels + o / layer.multiplier]
        }
      }
    case .averagePool(let pool):
      return windows(shapes[0], output, pool.kernel, pool.stride, .unit, pool.padding) {
        pixels, c in
        pixels.reduce(0) { $0 + x[0][$1.pixel * output.channels + c] } / Double(pixels.count)
      }
    case .maxPool(let pool):
      return windows(shapes[0], output, pool.kernel, pool.stride, .unit, pool.padding) {
        pixels, c in
        pixels.map { x[0][$0.pixel * output.channels + c] }.max() ?? 0
      }
    case .fullyConnected(let layer):
      return (0..<layer.outputCount).map { o in
        (0..<layer.inputCount).reduce(Double(layer.bias[o])) {
          $0 + Double(layer.weights[o * layer.inputCount + $1]) * x[0][$1]
        }
      }
    case .activation(let activation): return x[0].map { activation($0) }
    case .add: return broadcast(x, shapes, output, +)
    case .multiply: return broadcast(x, shapes, output, *)
    case .globalAveragePool:
      let count = shapes[0].extent.count
      return (0..<output.channels).map { c in
        (0..<count).reduce(0) { $0 + x[0][$1 * output.channels + c] } / Double(count)
      }
    case .pad(let padding):
      return (0..<output.count).map { index in
        let (pixel, c) = index.quotientAndRemainder(dividingBy: output.channels)
        let (row, column) = pixel.quotientAndRemainder(dividingBy: output.width)
        let (y, z) = (row - padding.top, column - padding.left)
        guard (0..<shapes[0].height).contains(y), (0..<shapes[0].width).contains(z) else {
          return 0
        }
        return x[0][(y * shapes[0].width + z) * output.channels + c]
      }
    case .concatenate(let layer):
      // Each operand's share of the output's runs along the axis.
      let lengths = shapes.map { $0.dimensions[layer.axis...].reduce(1, *) }
      return (0..<output.count / lengths.reduce(0, +)).flatMap { run in
        zip(x, lengths).flatMap { Array($0[run * $1..<(run + 1) * $1]) }
      }
    case .rearrange(let layer): return layer.order.places.map { x[0][$0] }
    case .resize(let resize):
      return (0..<output.count).map { index in
        let (pixel, c) = index.quotientAndRemainder(dividingBy: output.channels)
        let (y, z) = (resize.rows[pixel / output.width], resize.columns[pixel % output.width])
        // The weight of a pixel falls with its distance along either axis.
        return (0..<shapes[0].extent.count).reduce(0) { sum, source in
          let (row, column) = source.quotientAndRemainder(dividingBy: shapes[0].width)
          let share = max(0, 1 - abs(y - Double(row))) * max(0, 1 - abs(z - Double(column)))
          return sum + share * x[0][source * output.channels + c]
        }
      }
    case .transposedConv2D: preconditionFailure("no training goes through it")
    case .reshape, .softmax, .logSoftmax, .prelu, .batchNormalization, .fakeQuantize:
      return x[0]
    }
  }

  /// Each output value from the places that its window has inside the image.
  private func windows(
    _ input: Shape, _ output: Shape, _ kernel: Extent, _ stride: Extent, _ dilation: Extent,
    _ padding: Padding, _ value: ([(tap: Int, pixel: Int)], Int) -> Double
  ) -> [Double] {
    (0..<output.extent.count).flatMap { pixel in
      let (row, column) = pixel.quotientAndRemainder(dividingBy: output.width)
      let places = (0..<kernel.count).compactMap { tap -> (tap: Int, pixel: Int)? in
        let y = row * stride.height - padding.top + tap / kernel.width * dilation.height
        let x = column * stride.width - padding.left + tap % kernel.width * dilation.width
        guard (0..<input.height).contains(y), (0..<input.width).contains(x) else { return nil }
        return (tap, y * input.width + x)
      }
      return (0..<output.channels).map { value(places, $0) }
    }
  }

  private func broadcast(
    _ x: [[Double]], _ shapes: [Shape], _ output: Shape, _ operation: (Double, Double) -> Double
  ) -> [Double] {
    (0..<output.count).map { index in
      let values = zip(x, shapes).map { values, shape -> Double in
        var (rest, offset, step) = (index, 0, 1)
        for axis in (0..<output.rank).reversed() {
          let place = rest % output.dimensions[axis]
          rest /= output.dimensions[axis]
          if shape.dimensions[axis] > 1 { offset += place * step }
          step *= shape.dimensions[axis]
        }
        return values[offset]
      }
      return operation(values[0], values[1])
    }
  }

  private func normalize(
    _ x: [Double], _ learned: Normalization?, _ layer: Operator.BatchNormalization
  ) -> [Double] {
    let channels = layer.scale.count
    let learned = learned ?? unlearned(layer)
    var result = x
    for c in 0..<channels {
      let places = stride(from: c, to: x.count, by: channels)
      let count = Double(x.count / channels)
      var (mean, variance) = (Double(learned.mean[c]), Double(learned.variance[c]))
      if isTraining {
        mean = places.reduce(0) { $0 + x[$1] } / count
        variance = places.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
      }
      let inverse = 1 / (variance + Double(learned.epsilon)).squareRoot()
      for place in places {
        result[place] =
          Double(learned.gamma[c]) * (x[place] - mean) * inverse + Double(learned.beta[c])
      }
    }
    return result
  }

  /// A normalization that has only its node's scale and offset.
  private func unlearned(_ layer: Operator.BatchNormalization) -> Normalization {
    var normalization = Normalization(channels: layer.scale.count, epsilon: 1e-5)
    (normalization.gamma, normalization.beta) = (layer.scale, layer.offset)
    return normalization
  }
}
