internal import FixedPoint
internal import QuantizedIR
internal import Tensors

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
