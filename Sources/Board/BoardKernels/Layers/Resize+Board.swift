internal import QuantizedIR

extension Resize: BoardLayer {
  var stem: String { "resize" }
  var tables: [LayerTable] {
    [LayerTable("rows", .int32(rows.values)), LayerTable("columns", .int32(columns.values))]
  }

  /// Twin: `mnq_resize`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("channels", channels)
    record.field("rows", .table("rows"))
    record.field("columns", .table("columns"))
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    channels == input && input == output ? .same : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    var layer = self
    layer.channels = cut.inputs.count
    return .resize(layer)
  }

  /// The mean of pixels that all hold one code.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? { input }
}
