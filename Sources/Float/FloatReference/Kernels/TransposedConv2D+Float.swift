internal import NetworkGraph
internal import Tensors

/// `Operator.TransposedConv2D` over an image of known size: each output pixel gathers what reaches
/// it, so no product with a zero between pixels is made.
struct TransposedConv2DKernel: FloatKernel {
  private let layer: Operator.TransposedConv2D
  private let input: Extent
  private let output: Extent
  /// `[groups][kernel.height][kernel.width][inputChannels / groups][outputChannels / groups]`: the
  /// innermost loop goes over outputs side by side.
  private let weights: [Float]

  init(_ layer: Operator.TransposedConv2D, _ input: Shape, _ output: Shape) {
    self.layer = layer
    (self.input, self.output) = (input.extent, output.extent)
    let (depth, outputs) = (layer.inputChannels / layer.groups, layer.outputChannels / layer.groups)
    weights = (0..<layer.groups).flatMap { group in
      (0..<layer.patchCount).flatMap { tap in
        (0..<outputs).map { layer.weights[(group * outputs + $0) * layer.patchCount + tap] }
      }
    }
    assert(layer.patchCount == layer.kernel.count * depth)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let columns = (0..<self.output.width).map { layer.columns(at: $0, of: self.input) }
    var place = 0
    for y in 0..<self.output.height {
      let rows = layer.rows(at: y, of: self.input)
      for x in columns {
        let pixel = UnsafeMutableBufferPointer(
          rebasing: output[place..<place + layer.outputChannels])
        for o in pixel.indices { pixel[o] = layer.bias[o] }
        gather(rows, x, input, into: pixel)
        if case .clamp(let range) = ending {
          for o in pixel.indices {
            pixel[o] = min(max(pixel[o], range.lowerBound), range.upperBound)
          }
        }
        place += layer.outputChannels
      }
    }
  }

  private func gather(
    _ rows: Operator.TransposedConv2D.Reach, _ columns: Operator.TransposedConv2D.Reach,
    _ input: UnsafeBufferPointer<Float>, into pixel: UnsafeMutableBufferPointer<Float>
  ) {
    let groups = layer.groups
    let (depth, outputs) = (layer.inputChannels / groups, layer.outputChannels / groups)
    weights.withUnsafeBufferPointer { weights in
      for (j, ky) in rows.taps.enumerated() {
        for (i, kx) in columns.taps.enumerated() {
          let source =
            ((rows.place - j) * self.input.width + columns.place - i) * layer.inputChannels
          for group in 0..<groups {
            let tap = ((group * layer.kernel.height + ky) * layer.kernel.width + kx) * depth
            for c in 0..<depth {
              let value = input[source + group * depth + c]
              let row = (tap + c) * outputs
              for o in 0..<outputs { pixel[group * outputs + o] += value * weights[row + o] }
            }
          }
        }
      }
    }
  }
}

extension Operator.TransposedConv2D: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    TransposedConv2DKernel(self, inputs[0], output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(clampOf: activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let (image, size) = (node.shapes[0].extent, node.outputShape.extent)
    let (depth, outputs) = (inputChannels / groups, outputChannels / groups)
    let found = node.filled { result in
      for y in 0..<size.height {
        let rows = rows(at: y, of: image)
        for x in 0..<size.width {
          let columns = columns(at: x, of: image)
          for (j, ky) in rows.taps.enumerated() {
            for (i, kx) in columns.taps.enumerated() {
              let source = ((rows.place - j) * image.width + columns.place - i) * inputChannels
              for o in 0..<outputChannels {
                let scale = node.gradient[(y * size.width + x) * outputChannels + o]
                let tap = ((o * kernel.height + ky) * kernel.width + kx) * depth
                let first = source + o / outputs * depth
                for c in 0..<depth { result[first + c] += scale * weights[tap + c] }
              }
            }
          }
        }
      }
    }
    return [found]
  }
}
