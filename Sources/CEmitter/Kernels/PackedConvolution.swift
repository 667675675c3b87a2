internal import QuantizedIR
internal import Tensors

/// A convolution with its constants in the order of one kernel. Twins: `mnq_packed` and, with a
/// curve, `mnq_packed_curve`.
struct PackedConvolution: Hashable, Sendable {
  let instructionSet: InstructionSet
  /// What the C names of the kernel have in common where there is no curve.
  let base: String
  let window: Window
  let inputZeroPoint: Int32
  var clamp: ClosedRange<Int32>
  var finish: Finish
  let weights: Weights
  let channels: [PackedChannel]
  let curve: Curve?
  /// What becomes of each code, in order; `nil` where it stays.
  var table: [Int8]?
  /// What the kernel's file says of `scratch`, and what follows from the order in which it reads
  /// and writes.
  let memory: KernelMemory

  /// The geometry of the sliding window.
  struct Window: Hashable, Sendable {
    let input: Extent
    let output: Extent
    let kernel: Extent
    let stride: Extent
    let padding: Extent
    let inputChannels: Int
    let outputChannels: Int
  }

  /// What the codes of the layer need. Twin: `mnq_finish`.
  enum Finish: String, Hashable, Sendable {
    case positive = "MNQ_FINISH_POSITIVE"
    case saturate = "MNQ_FINISH_SATURATE"
    case clamp = "MNQ_FINISH_CLAMP"
    case table = "MNQ_FINISH_TABLE"

    /// In C.
    var number: Int {
      switch self {
      case .positive: 0
      case .saturate: 1
      case .clamp: 2
      case .table: 3
      }
    }

    init(outputZeroPoint: Int32, clamp: ClosedRange<Int32>, channels: [PackedChannel]) {
      if clamp != -128...127 && clamp != Curve.inputs {
        self = .clamp
      } else if outputZeroPoint == -128 {
        self = .positive
      } else {
        self = channels.allSatisfy(\.roundsTwice) ? .saturate : .clamp
      }
    }
  }

  enum Weights: Hashable, Sendable {
    case bytes([Int8])
    case words([Int32])

    var byteCount: Int {
      switch self {
      case .bytes(let values): values.count
      case .words(let values): 4 * values.count
      }
    }
  }

  /// What the C names have in common: `mnq_STEM`.
  var stem: String { curve == nil ? base : base + "_curve" }

  /// The same layer with a lookup behind it, whose table takes in the clamp; `nil` where the codes
  /// need a finish of their own.
  func applying(_ lookup: Lookup) -> PackedConvolution? {
    guard table == nil, curve == nil, channels.allSatisfy(\.roundsTwice) else { return nil }
    var result = self
    result.table = (Int32(-128)...127).map { code in
      lookup.table[Int(min(max(code, clamp.lowerBound), clamp.upperBound)) + 128]
    }
    result.clamp = -128...127
    result.finish = .table
    return result
  }

  /// Bytes of const tables.
  var constantBytes: Int {
    weights.byteCount + channels.count * PackedChannel.bytes + (table?.count ?? 0)
      + 2 * (curve?.points.count ?? 0)
  }

  /// Adds `NAME_weights`, `NAME_channels` and, where there is one, `NAME_table` or `NAME_curve`.
  func emitTables(_ name: String, into tables: inout TableSet) {
    switch weights {
    case .bytes(let values): tables.add("int8_t", "\(name)_weights", values)
    case .words(let values): tables.add("int32_t", "\(name)_weights", values)
    }
    tables.add("\(name)_channels", channels)
    if let curve { tables.add("int16_t", "\(name)_curve", curve.points.values) }
    if let table { tables.add("int8_t", "\(name)_table", table) }
  }

  /// Writes the struct's fields, in order.
  func emitFields(_ tables: String, into c: inout CWriter) {
    guard curve != nil else { return emitPackedFields(tables, into: &c) }
    c.braced(".packed =", closing: "},") { emitPackedFields(tables, into: &$0) }
    c.pointer("curve", "\(tables)_curve")
  }

  private func emitPackedFields(_ tables: String, into c: inout CWriter) {
    c.field("input", window.input)
    c.field("output", window.output)
    c.field("kernel", window.kernel)
    c.field("stride", window.stride)
    c.field("padding", window.padding)
    c.field("input_channels", window.inputChannels)
    c.field("output_channels", window.outputChannels)
    c.field("input_zero_point", inputZeroPoint)
    c.field(clamp: clamp)
    c.field(finish)
    c.pointer("weights", "\(tables)_weights")
    c.pointer("channels", "\(tables)_channels")
    c.pointer("table", table.map { _ in "\(tables)_table" })
  }
}
