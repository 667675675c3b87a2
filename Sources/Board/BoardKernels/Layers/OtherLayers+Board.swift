internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Pool: BoardLayer {
  var stem: String {
    switch choice {
    case .average: "average_pool"
    case .maximum: "max_pool"
    }
  }

  /// Twins: `mnq_average_pool` and `mnq_max_pool`.
  func addFields(to record: inout LayerRecord) {
    record.field(window, hasDilation: false)
    record.field("channels", channels)
    record.field(clamp: clamp)
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    channels == input && input == output ? .same : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    var layer = self
    layer.channels = cut.inputs.count
    return .pool(layer)
  }

  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    guard window.meetsTheImageEverywhere else { return nil }
    return input.map { $0.map { Int8(Int32($0).clamped(to: clamp)) } }
  }
}

extension Mean: BoardLayer {
  var stem: String { "mean" }

  /// Twin: `mnq_mean`.
  func addFields(to record: inout LayerRecord) {
    record.field("pixels", pixels)
    record.field("channels", channels)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("factor", factor)
    record.field(rounding)
  }

  /// Axes inside those of the mean count as channels too.
  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    input == output && channels % input == 0 ? .same : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    var layer = self
    layer.channels = cut.remaining(of: channels)
    return .mean(layer)
  }

  /// The mean of pixels that all hold one code.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    input.map { code in
      code.map {
        let sum = (Int32($0) - inputZeroPoint) &* Int32(pixels)
        return Int8(clamping: factor(sum, rounding: rounding) &+ outputZeroPoint)
      }
    }
  }
}

extension Lookup: BoardLayer {
  var stem: String { "lookup" }
  var tables: [LayerTable] { [LayerTable("table", .int8(table.values))] }

  /// Twin: `mnq_lookup`.
  func addFields(to record: inout LayerRecord) {
    record.field("count", count)
    record.field("table", .table("table"))
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    input == output && count % input == 0 ? .same : .whole
  }

  func applying(_ cut: ChannelCut) -> Operation {
    var layer = self
    layer.count = cut.remaining(of: count)
    return .lookup(layer)
  }

  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    input.map { $0.map { table[Int($0) + 128] } }
  }
}

extension Softmax: BoardLayer {
  var stem: String { "softmax" }

  /// Twin: `mnq_softmax`.
  func addFields(to record: inout LayerRecord) {
    record.field("depth", depth)
    record.field("factor", factor)
    record.field("smallest_difference", smallestDifference)
  }
}

extension L2Normalization: BoardLayer {
  var stem: String { "l2_normalization" }

  /// Twin: `mnq_l2_normalization`.
  func addFields(to record: inout LayerRecord) {
    record.field("depth", depth)
    record.field("input_zero_point", inputZeroPoint)
  }
}

extension SquaredDifference: BoardLayer {
  var stem: String { "squared_difference" }

  /// Twin: `mnq_squared_difference`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("a_factor", aFactor)
    record.field("b_zero_point", bZeroPoint)
    record.field("b_factor", bFactor)
    record.field("output_zero_point", outputZeroPoint)
    record.field("output_factor", outputFactor)
    record.field(clamp: -128...127)
    record.field(Rounding.double)
  }
}

extension Extremum: BoardLayer {
  var stem: String { "extremum" }

  /// Twin: `mnq_extremum`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    let value: LayerRecord.Value =
      switch choice {
      case .maximum: .constant("MNQ_MAXIMUM", 0)
      case .minimum: .constant("MNQ_MINIMUM", 1)
      }
    record.field("choice", value)
  }
}

extension Copy: BoardLayer {
  var stem: String { "copy" }

  /// Twin: `mnq_copy`.
  func addFields(to record: inout LayerRecord) {
    record.field("shape", shape)
    record.field("source_start", sourceStart)
    record.field("source_strides", sourceStrides)
    record.field("destination_strides", destinationStrides)
    record.field("start", start)
    record.field("output_count", outputCount)
    record.field("is_filled", fill == nil ? 0 : 1)
    record.field("fill", fill ?? 0)
  }
}

extension Wide: BoardLayer {
  var stem: String { operation.stem + "_wide" }
  var bits: Int { 16 }
  var tables: [LayerTable] { operation.board.tables }
  var headers: [String] { inputs.count == 2 ? operation.board.headers : ["mnq_wide.h"] }
  var sharedSources: [String] { operation.weighted == nil ? [] : ["mnq_wide.c"] }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    let widths = PackedConvolution.Widths(input: inputs[0], output: output)
    if instructionSet != .portable, let sum = PackedWideAdd(self) { return .wideAdd(sum) }
    let packed: PackedConvolution? =
      switch operation {
      case .conv2D(let layer): PackedConvolution(layer, widths, for: instructionSet)
      case .depthwiseConv2D(let layer): PackedConvolution(layer, widths, for: instructionSet)
      case .fullyConnected(let layer):
        PackedConvolution(layer.asConvolution, widths, for: instructionSet)
      default: nil
      }
    return packed.map(Kernel.packed)
  }

  /// The int8 form's struct, then the widths.
  func addFields(to record: inout LayerRecord) {
    record.field("layer", .record(operation.record))
    let names = inputs.count == 1 ? ["input"] : ["a", "b"]
    for (name, width) in zip(names, inputs) { record.field("\(name)_bits", width.rawValue) }
    record.field("output_bits", output.rawValue)
  }
}

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
