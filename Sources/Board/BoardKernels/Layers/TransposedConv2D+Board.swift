internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension TransposedConv2D: BoardLayer {
  var stem: String { "transposed_conv2d" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_transposed_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("kernel", kernel)
    record.field("stride", stride)
    record.field("padding", padding)
    record.field("input_channels", inputChannels)
    record.field("output_channels", outputChannels)
    record.field("groups", groups)
    record.fields(of: self)
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    groups == 1 && inputChannels == input && outputChannels == output ? .sums : .whole
  }

  /// As of `Conv2D`; a pixel gathers some of the taps, so any of them may be missing.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    let count = kernel.count * inputChannels
    return (0..<outputChannels).map { output in
      let taps = (0..<count).map { (input[$0 % input.count], weights[output * count + $0]) }
      return constantCode(output, taps, padded: true)
    }
  }

  /// Pixels gather different taps, so no bias takes a constant's share but that of a zero.
  func needs(_ channel: Int, holding code: Int8?, for outputs: [Bool]) -> Bool {
    guard code.map({ Int32($0) }) != inputZeroPoint else { return false }
    let count = kernel.count * inputChannels
    return outputs.indices.contains { output in
      outputs[output]
        && Swift.stride(from: channel, to: count, by: inputChannels).contains {
          weights[output * count + $0] != 0
        }
    }
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let taps = cut.outputs.flatMap { output in
      (0..<kernel.count).flatMap { tap in
        cut.inputs.map { weights[(output * kernel.count + tap) * inputChannels + $0] }
      }
    }
    var layer = self
    layer.inputChannels = cut.inputs.count
    layer.outputChannels = cut.outputs.count
    layer.weights = Constants(taps)
    layer.bias = cut.outputs(of: bias)
    layer.multipliers = cut.outputs(of: multipliers)
    layer.shifts = cut.outputs(of: shifts)
    return .transposedConv2D(layer)
  }
}
