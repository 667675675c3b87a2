internal import Boards
internal import QuantizedIR
internal import Tensors

/// A convolution with its constants in the order of one kernel. Twins: `mnq_packed` and, with a
/// curve, `mnq_packed_curve`.
package struct PackedConvolution: Hashable, Sendable {
  let instructionSet: InstructionSet
  /// What the C names of the kernel have in common where there is no curve.
  let base: String
  let window: Window
  let inputChannels: Int
  let outputChannels: Int
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

  /// The const tables.
  var tables: [LayerTable] {
    let weights: LayerTable.Values =
      switch self.weights {
      case .bytes(let values): .int8(values)
      case .words(let values): .int32(values)
      }
    let curve = self.curve.map { [LayerTable("curve", .int16($0.points.values))] } ?? []
    let table = self.table.map { [LayerTable("table", .int8($0))] } ?? []
    return [LayerTable("weights", weights), LayerTable("channels", .channels(channels))] + curve
      + table
  }

  /// What the struct holds.
  var record: LayerRecord {
    guard curve != nil else { return packedRecord }
    var record = LayerRecord()
    record.field("packed", .record(packedRecord))
    record.field("curve", .table("curve"))
    return record
  }

  private var packedRecord: LayerRecord {
    var record = LayerRecord()
    record.field(window, hasDilation: false)
    record.field("input_channels", inputChannels)
    record.field("output_channels", outputChannels)
    record.field("input_zero_point", inputZeroPoint)
    record.field(clamp: clamp)
    record.field(finish)
    record.field("weights", .table("weights"))
    record.field("channels", .table("channels"))
    record.field("table", .table(table.map { _ in "table" }))
    return record
  }
}

extension PackedConvolution {
  /// The channels whose weights are `rows`; `nil` where one of them has no exact short form.
  static func channels(
    _ layer: some ChannelRequantized, _ rows: [some Sequence<Int8>], _ inputZeroPoint: Int32,
    _ instructionSet: InstructionSet
  ) -> [PackedChannel]? {
    let channels = rows.enumerated().compactMap { index, weights in
      PackedChannel(
        layer, index, weights: weights, inputZeroPoint: inputZeroPoint,
        form: instructionSet == .dsp ? .rounding : .truncating)
    }
    return channels.count == rows.count ? channels : nil
  }
}

extension InstructionSet {
  /// The one whose kernels are to be used: curves have none among the vector kernels.
  func withCurves(_ hasCurve: Bool) -> InstructionSet {
    hasCurve && self == .mve ? .dsp : self
  }

  /// The one whose kernels of dense convolutions take these weights: a halfword of the DSP kernel
  /// holds two of -127 ... 127.
  func holding(_ weights: Constants<Int8>) -> InstructionSet {
    self == .dsp && weights.values.contains(.min) ? .portable : self
  }
}
