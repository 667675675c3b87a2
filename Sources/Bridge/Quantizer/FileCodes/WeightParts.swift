internal import NetworkGraph
internal import Tensors

/// A layer whose weights are whole steps that int8 does not hold, as 8-bit codes with a zero point
/// are: each weight as a sum of some that it does, which meet the same value one after the other.
struct WeightParts {
  /// The same sums over an input in which the channels of each group stand `times` times.
  let operation: Operator
  let times: Int
  let groups: Int
  /// Of the input as it was.
  let channels: Int

  /// `nil` for weights that int8 holds, and for those that no file gives.
  init?(_ operation: Operator) {
    guard let layer = operation.quantizable as? any WeightedOperator, !layer.weightSteps.isEmpty
    else { return nil }
    let steps = zip(layer.taps, layer.weightSteps).map { taps, step in
      taps.map { (Double($0) / Double(step)).rounded() }
    }
    let (least, most) = (steps.joined().min() ?? 0, steps.joined().max() ?? 0)
    guard least < -128 || most > 127, max(-least, most) < 0x1p10 else { return nil }
    let times = Int((max(-least, most) / 127).rounded(.up))
    self.times = times

    /// Weights of an output channel in windows of `channels` values.
    func weights(_ channels: Int) -> [Float] {
      steps.indices.flatMap { output in
        stride(from: 0, to: steps[output].count, by: channels).flatMap { start in
          (0..<times).flatMap { part in
            steps[output][start..<start + channels].map {
              Float(Self.part(part, of: $0)) * layer.weightSteps[output]
            }
          }
        }
      }
    }
    switch operation {
    case .conv2D(let conv):
      (groups, channels) = (conv.groups, conv.inputChannels)
      self.operation = Self.convolution(
        conv.window, weights(channels / groups), layer, channels * times, groups)
    case .depthwiseConv2D(let conv):
      (groups, channels) = (conv.channels, conv.channels)
      self.operation = Self.convolution(conv.window, weights(1), layer, channels * times, groups)
    case .fullyConnected(let matrix):
      (groups, channels) = (1, matrix.inputCount)
      var wide = Operator.FullyConnected(
        weights: weights(channels), bias: matrix.bias, inputCount: channels * times,
        outputCount: matrix.outputCount)
      wide.weightSteps = matrix.weightSteps
      self.operation = .fullyConnected(wide)
    default: return nil
    }
  }

  private static func convolution(
    _ window: Operator.Window, _ weights: [Float], _ layer: any WeightedOperator, _ channels: Int,
    _ groups: Int
  ) -> Operator {
    var conv = Operator.Conv2D(
      weights: weights, bias: layer.bias, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding, inputChannels: channels,
      outputChannels: layer.bias.count, groups: groups)
    conv.weightSteps = layer.weightSteps
    return .conv2D(conv)
  }

  /// What part number `index` has of `steps`: as much as int8 holds of what those before it leave.
  private static func part(_ index: Int, of steps: Double) -> Double {
    let rest = steps.magnitude - 127 * Double(index)
    return (steps < 0 ? -1 : 1) * min(max(rest, 0), 127)
  }

  /// The repeated input's shape.
  func shape(of input: Shape) -> Shape {
    guard case .conv2D = operation else {
      return Shape([input.count / channels, channels * times])
    }
    return Shape(
      batch: input.dimensions[0], height: input.height, width: input.width,
      channels: channels * times)
  }
}
