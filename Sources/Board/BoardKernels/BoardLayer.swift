internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// What a layer of the integer room is on a board.
///
/// A layer states its C name and the fields of its struct; where it says nothing else, the defaults
/// below hold: no tables, no kernel but the portable one, and channels that stay as they are.
protocol BoardLayer: IntegerLayer {
  /// What the C names of the layer have in common: `mnq_STEM` and, without a curve, `mnq_STEM_s8` or
  /// `mnq_STEM_s16` and `mnq_STEM.c`.
  var stem: String { get }
  /// The stem of the kernel. Default: `stem`; one with a curve is its namesake, compiled for it.
  var kernelStem: String { get }
  /// Of the widest codes that the kernel reads or writes. Default: 8.
  var bits: Int { get }
  /// The headers that the kernel includes beside those of every kernel. Default: none.
  var headers: [String] { get }
  /// The files that the kernel shares with others. Default: none.
  var sharedSources: [String] { get }

  /// The layer's const tables. Default: none.
  var tables: [LayerTable] { get }
  /// Appends what the struct of the portable kernel holds.
  func addFields(to record: inout LayerRecord)
  /// The kernel of `instructionSet` that gives the same bytes. Default: none.
  func fastKernel(for instructionSet: InstructionSet) -> Kernel?

  /// Instructions of a call on a core with the DSP extension, about: products and codes, which take as
  /// many however rows are shared among calls, and what each call takes beside. Default: few.
  var instructions: Int { get }

  /// What channels have to do with one another where the innermost axes of input and output have
  /// these sizes. Default: `.whole`.
  func channelRelation(input: Int, output: Int) -> ChannelRelation
  /// The operation on the channels that stay, where the relation is not `.whole`. Default: the same.
  func applying(_ cut: ChannelCut) -> Operation
  /// For each channel of the output, the one code that it holds whatever the input, given the same
  /// of the input, where the relation is `.same` or `.sums`. Default: `nil`, not looked for.
  func constantCodes(_ input: [Int8?]) -> [Int8?]?
  /// Whether a sum over all channels needs one of them, which holds `code` or many, where `outputs`
  /// are needed. Default: yes.
  func needs(_ channel: Int, holding code: Int8?, for outputs: [Bool]) -> Bool
}

extension BoardLayer {
  var kernelStem: String { stem }
  var bits: Int { 8 }
  var headers: [String] { [] }
  var sharedSources: [String] { [] }
  var tables: [LayerTable] { [] }
  func fastKernel(for instructionSet: InstructionSet) -> Kernel? { nil }
  var instructions: Int { 100 + macs + 10 * valueCounts.output }
  func channelRelation(input: Int, output: Int) -> ChannelRelation { .whole }
  func applying(_ cut: ChannelCut) -> Operation { asOperation }
  func constantCodes(_ input: [Int8?]) -> [Int8?]? { nil }
  func needs(_ channel: Int, holding code: Int8?, for outputs: [Bool]) -> Bool { true }
}

extension BoardLayer where Self: Broadcasting {
  var headers: [String] { ["mnq_broadcast.h", "mnq_wide.h"] }
}

extension BoardLayer where Self: ChannelRequantized {
  var kernelStem: String { curve == nil ? stem : stem + "_curve" }

  /// The tables of a layer with weights.
  var weightTables: [LayerTable] {
    [
      LayerTable("weights", .int8(weights.values)), LayerTable("bias", .int32(bias.values)),
      LayerTable("multipliers", .int32(multipliers.values)),
      LayerTable("shifts", .int8(shifts.values)),
    ] + (curve.map { [LayerTable("curve", .int16($0.points.values))] } ?? [])
  }
}

extension Operation {
  /// The layer, whatever its type.
  var board: any BoardLayer {
    switch self {
    case .conv2D(let layer): layer
    case .depthwiseConv2D(let layer): layer
    case .transposedConv2D(let layer): layer
    case .fullyConnected(let layer): layer
    case .add(let layer): layer
    case .multiply(let layer): layer
    case .pool(let layer): layer
    case .mean(let layer): layer
    case .lookup(let layer): layer
    case .prelu(let layer): layer
    case .softmax(let layer): layer
    case .l2Normalization(let layer): layer
    case .extremum(let layer): layer
    case .squaredDifference(let layer): layer
    case .resize(let layer): layer
    case .copy(let layer): layer
    case .wide(let layer): layer
    }
  }

  var stem: String { board.stem }

  /// What the struct of the kernel that defines the operation holds.
  var record: LayerRecord {
    var record = LayerRecord()
    board.addFields(to: &record)
    return record
  }
}

/// What the struct of a layer's kernel holds, field by field in the order of `CRuntime`'s headers:
/// 32-bit integers, then pointers to the layer's tables, then integers again where there are more.
///
/// Written as text it is what a board runs; laid out in memory, what this machine runs.
package struct LayerRecord: Hashable, Sendable {
  package private(set) var fields: [Field] = []

  package struct Field: Hashable, Sendable {
    package let name: String
    package let value: Value
  }

  package enum Value: Hashable, Sendable {
    case number(Int)
    /// One of C's enumeration constants.
    case constant(String, Int)
    /// An array, or a struct of 32-bit integers.
    case numbers([Int])
    case channel(PackedChannel)
    case record(LayerRecord)
    /// A pointer to the layer's table of that name; a null pointer where there is none.
    case table(String?)
  }

  /// A field without its name and with its parts side by side.
  package enum Leaf: Hashable, Sendable {
    case word(UInt32)
    case table(String?)
  }

  /// All fields as the struct's memory has them.
  package var leaves: [Leaf] { fields.flatMap(\.value.leaves) }

  package init() {}

  mutating func field(_ name: String, _ value: Value) {
    fields.append(Field(name: name, value: value))
  }

  mutating func field(_ name: String, _ value: some BinaryInteger) {
    field(name, .number(Int(value)))
  }

  mutating func field(_ name: String, _ values: [Int]) { field(name, .numbers(values)) }

  mutating func field(_ name: String, _ extent: Extent) {
    field(name, .numbers([extent.height, extent.width]))
  }

  mutating func field(_ name: String, _ factor: Requantization) {
    field(name, .numbers([Int(factor.multiplier), Int(factor.shift)]))
  }

  mutating func field(_ rounding: Rounding) {
    let value: Value =
      switch rounding {
      case .double: .constant("MNQ_ROUNDING_DOUBLE", 0)
      case .singleUp: .constant("MNQ_ROUNDING_SINGLE_UP", 1)
      case .singleAway: .constant("MNQ_ROUNDING_SINGLE_AWAY", 2)
      }
    field("rounding", value)
  }

  mutating func field(clamp: ClosedRange<Int32>) {
    field("clamp_min", clamp.lowerBound)
    field("clamp_max", clamp.upperBound)
  }

  mutating func field(_ broadcast: Broadcast) {
    var record = LayerRecord()
    record.field("shape", broadcast.shape)
    record.field("a_strides", broadcast.aStrides)
    record.field("b_strides", broadcast.bStrides)
    field("broadcast", .record(record))
  }

  mutating func field(_ finish: PackedConvolution.Finish) {
    field("finish", .constant(finish.rawValue, finish.number))
  }

  mutating func field(_ window: Window, hasDilation: Bool = true) {
    field("input", window.input)
    field("output", window.output)
    field("kernel", window.kernel)
    field("stride", window.stride)
    if hasDilation { field("dilation", window.dilation) }
    field("padding", window.padding)
  }

  /// What all layers with weights have in common.
  mutating func fields(of layer: some ChannelRequantized) {
    field("input_zero_point", layer.inputZeroPoint)
    field("output_zero_point", layer.outputZeroPoint)
    field(clamp: layer.clamp)
    field(layer.rounding)
    for name in ["weights", "bias", "multipliers", "shifts"] { field(name, .table(name)) }
    field("curve", .table(layer.curve.map { _ in "curve" }))
  }
}

extension LayerRecord.Value {
  fileprivate var leaves: [LayerRecord.Leaf] {
    switch self {
    case .number(let number), .constant(_, let number):
      [.word(UInt32(truncatingIfNeeded: number))]
    case .numbers(let numbers): numbers.map { .word(UInt32(truncatingIfNeeded: $0)) }
    case .channel(let channel): channel.words.map(LayerRecord.Leaf.word)
    case .record(let record): record.leaves
    case .table(let name): [.table(name)]
    }
  }
}
