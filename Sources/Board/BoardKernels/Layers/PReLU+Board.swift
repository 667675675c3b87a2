internal import QuantizedIR

extension PReLU: BoardLayer {
  var stem: String { "prelu" }
  var tables: [LayerTable] { [LayerTable("alpha", .int16(alpha.values))] }

  /// Twin: `mnq_prelu`.
  func addFields(to record: inout LayerRecord) {
    record.field("count", count)
    record.field("alpha_count", alpha.count)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("identity", identity)
    record.field("below", below)
    record.field("alpha", .table("alpha"))
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    input == output && alpha.count == input ? .same : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    var layer = self
    layer.count = cut.remaining(of: count)
    layer.alpha = cut.outputs(of: alpha)
    return .prelu(layer)
  }

  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    input.enumerated().map { channel, known in known.map { code($0, channel) } }
  }
}
