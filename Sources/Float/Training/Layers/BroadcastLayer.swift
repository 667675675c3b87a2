internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// The sum or the product of two tensors, an axis of 1 of either stretching to the other's.
final class BroadcastLayer: BatchLayer {
  enum Kind { case sum, product }

  private let kind: Kind
  private let output: Shape
  private let operands: [Operand]

  /// How an operand lies under the output of one image.
  private struct Operand {
    let count: Int
    let reach: Reach

    enum Reach {
      /// Value by value.
      case same
      /// One value a channel.
      case channels
      /// By index of the output.
      case other([Int32])
    }

    init(_ shape: Shape, _ output: Shape) {
      count = shape.count
      if shape == output {
        reach = .same
      } else if shape.count == output.channels, shape.channels == output.channels {
        reach = .channels
      } else {
        reach = .other(Self.offsets(shape, output))
      }
    }

    private static func offsets(_ shape: Shape, _ output: Shape) -> [Int32] {
      var strides = [Int](repeating: 0, count: output.rank)
      var next = 1
      for axis in (0..<output.rank).reversed() {
        strides[axis] = shape.dimensions[axis] == 1 ? 0 : next
        next *= shape.dimensions[axis]
      }
      return (0..<output.count).map { index in
        var (rest, offset) = (index, 0)
        for axis in (0..<output.rank).reversed() {
          offset += rest % output.dimensions[axis] * strides[axis]
          rest /= output.dimensions[axis]
        }
        return Int32(offset)
      }
    }

    @inline(__always) func offset(_ index: Int, _ channels: Int) -> Int {
      switch reach {
      case .same: index
      case .channels: index % channels
      case .other(let offsets): Int(offsets[index])
      }
    }
  }

  init(_ kind: Kind, _ inputs: [Shape], _ output: Shape) {
    (self.kind, self.output) = (kind, output)
    operands = inputs.map { Operand($0, output) }
  }

  func forward(_ step: LayerStep) {
    let (kind, channels, count) = (kind, output.channels, output.count)
    let (a, b) = (operands[0], operands[1])
    step.eachPart { images, _ in
      for image in images {
        let (x, y) = (step.inputs[0] + image * a.count, step.inputs[1] + image * b.count)
        let to = step.output + image * count
        switch (a.reach, b.reach, kind) {
        case (.same, .same, .sum): mnqh_add_f32(count, x, y, -.infinity, .infinity, to)
        case (.same, .channels, .product): Self.scale(x, by: y, count, channels, into: to)
        case (.channels, .same, .product): Self.scale(y, by: x, count, channels, into: to)
        case (_, _, .sum):
          for i in 0..<count { to[i] = x[a.offset(i, channels)] + y[b.offset(i, channels)] }
        case (_, _, .product):
          for i in 0..<count { to[i] = x[a.offset(i, channels)] * y[b.offset(i, channels)] }
        }
      }
    }
  }

  private static func scale(
    _ values: LayerStep.Values, by factors: LayerStep.Values, _ count: Int, _ channels: Int,
    into target: LayerStep.Values
  ) {
    mnqh_scale_channels_f32(count / channels, channels, values, factors, target)
  }

  func backward(_ step: LayerStep) {
    step.eachPart { images, _ in
      for image in images {
        for side in 0...1 where step.gradients[side] != nil {
          self.setGradient(step, image, side)
        }
      }
    }
  }

  private func setGradient(_ step: LayerStep, _ image: Int, _ side: Int) {
    guard let target = step.gradients[side] else { return }
    let (own, other) = (operands[side], operands[1 - side])
    let (channels, count) = (output.channels, output.count)
    let to = target + image * own.count
    let upstream = step.arriving + image * count
    let factors = step.inputs[1 - side] + image * other.count
    switch (kind, own.reach, other.reach) {
    case (.sum, .same, _): to.update(from: upstream, count: count)
    case (.product, .same, .channels): Self.scale(upstream, by: factors, count, channels, into: to)
    case (.product, .channels, .same):
      mnqh_channel_products_f32(count / channels, channels, upstream, factors, to)
    case (.sum, _, _):
      to.update(repeating: 0, count: own.count)
      for i in 0..<count { to[own.offset(i, channels)] += upstream[i] }
    case (.product, _, _):
      to.update(repeating: 0, count: own.count)
      for i in 0..<count {
        to[own.offset(i, channels)] += upstream[i] * factors[other.offset(i, channels)]
      }
    }
  }
}
