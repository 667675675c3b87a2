internal import Boards
internal import FixedPoint
internal import QuantizedIR

extension Multiply: BoardLayer {
  var stem: String { "multiply" }

  /// Twin: `mnq_multiply`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("b_zero_point", bZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("factor", factor)
    record.field(clamp: clamp)
    record.field(rounding)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    PackedMultiply(self).map(Kernel.multiply)
  }
}

/// Each pixel of one tensor times one value a channel. Twin: `mnq_packed_multiply`.
package struct PackedMultiply: Hashable, Sendable {
  let pixels: Int
  let channels: Int
  let aZeroPoint: Int32
  let bZeroPoint: Int32
  let clamp: ClosedRange<Int32>
  let factor: PackedChannel
  let memory: KernelMemory

  /// `layer`; `nil` where its operands meet in another way, or where the short form of the
  /// arithmetic would not give its bytes.
  init?(_ layer: Multiply) {
    let broadcast = layer.broadcast
    guard layer.rounding == .double, broadcast.isWhole(broadcast.aStrides),
      let factor = PackedChannel(
        layer.factor, within: 255 * 255, outputZeroPoint: layer.outputZeroPoint)
    else { return nil }
    if broadcast.isWhole(broadcast.bStrides) {
      (pixels, channels) = (1, broadcast.count)
    } else if broadcast.isOfChannels(broadcast.bStrides) {
      channels = broadcast.shape.last ?? 1
      pixels = broadcast.count / channels
    } else {
      return nil
    }
    (aZeroPoint, bZeroPoint) = (layer.aZeroPoint, layer.bZeroPoint)
    clamp = layer.clamp
    self.factor = factor
    // Channel by channel: of what a channel's codes lie over, only they themselves are needed.
    let portable = layer.overlaps
    memory = KernelMemory(overlaps: pixels == 1 ? portable : [.inPlace, portable[1]])
  }

  /// What the struct holds.
  var record: LayerRecord {
    var record = LayerRecord()
    record.field("pixels", pixels)
    record.field("channels", channels)
    record.field("a_zero_point", aZeroPoint)
    record.field("b_zero_point", bZeroPoint)
    record.field(clamp: clamp)
    record.field(
      clamp == -128...127 && factor.roundsTwice
        ? PackedConvolution.Finish.saturate : PackedConvolution.Finish.clamp)
    record.field("factor", .channel(factor))
    return record
  }
}
