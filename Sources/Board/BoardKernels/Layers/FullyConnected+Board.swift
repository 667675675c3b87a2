internal import Boards
internal import QuantizedIR
internal import Tensors

extension FullyConnected: BoardLayer {
  var stem: String { "fully_connected" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_fully_connected`.
  func addFields(to record: inout LayerRecord) {
    record.field("input_count", inputCount)
    record.field("output_count", outputCount)
    record.fields(of: self)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    asConvolution.fastKernel(for: instructionSet)
  }

  /// The same sums as a convolution of one pixel.
  private var asConvolution: Conv2D {
    Conv2D(
      input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      inputChannels: inputCount, outputChannels: outputCount, inputZeroPoint: inputZeroPoint,
      outputZeroPoint: outputZeroPoint, clamp: clamp, rounding: rounding, weights: weights,
      bias: bias, multipliers: multipliers, shifts: shifts, curve: curve)
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    inputCount == input && outputCount == output ? .reads : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let rows = cut.outputs.map { weights.values[$0 * inputCount..<($0 + 1) * inputCount] }
    let layer = FullyConnected(
      inputCount: cut.inputs.count, outputCount: cut.outputs.count,
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding,
      weights: Constants(rows.flatMap { row in cut.inputs.map { row[row.startIndex + $0] } }),
      bias: Constants(
        zip(cut.outputs, rows).map { cut.bias(bias[$0], $1, zeroPoint: inputZeroPoint) }),
      multipliers: cut.outputs(of: multipliers), shifts: cut.outputs(of: shifts),
      curve: curve)
    return .fullyConnected(layer)
  }
}
