internal import Boards
internal import FixedPoint
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

/// How the accumulators of one output channel become codes. Twin: `mnq_channel`.
package struct PackedChannel: Hashable, Sendable {
  let bias: Int32
  let multiplier: Int32
  let rounding: Int32
  let left: Int32
  let right: Int32
  /// Whether the last shift rounds, so that ties of negative values need care.
  let roundsTwice: Bool

  /// Size of the C struct.
  package static let bytes = 16

  /// What beside the channels of a layer makes an even number of them.
  static let padding = PackedChannel(
    bias: 0, multiplier: 0, rounding: 0, left: 0, right: 0, roundsTwice: true)

  /// How the C reads the constants.
  enum Form {
    /// `mnq_rescale`: the multiply leaves the first rounding to the sum.
    case truncating
    /// `mnq_rescale_dsp`: the multiply rounds.
    case rounding

    /// `left` where the factor shifts nothing left.
    var leastLeft: Int32 { self == .truncating ? 2 : 1 }
  }

  /// Folds the input's zero point into the bias of channel `index`, whose weights are `weights`;
  /// `nil` where the short form of the arithmetic would not give the bytes of `double` rounding.
  init?(
    _ layer: some ChannelRequantized, _ index: Int, weights: some Sequence<Int8>,
    inputZeroPoint: Int32, form: Form
  ) {
    var (least, most, magnitude) = (Int(layer.bias[index]), Int(layer.bias[index]), 0)
    var bias = least
    for weight in weights {
      let products = [-128, 127].map { Int(weight) * ($0 - Int(inputZeroPoint)) }
      least += products.min() ?? 0
      most += products.max() ?? 0
      magnitude += abs(Int(weight))
      bias -= Int(weight) * Int(inputZeroPoint)
    }
    let factor = layer.requantization(index)
    guard max(abs(least), abs(most)) << max(factor.shift, 0) <= Int32.max,
      128 * magnitude < 1 << 23
    else { return nil }
    let outputZeroPoint = layer.outputZeroPoint
    let full = layer.curve == nil ? -128...127 : Curve.inputs
    func code(_ accumulator: Int) -> Int32 {
      min(max(factor(Int32(accumulator)) + outputZeroPoint, full.lowerBound), full.upperBound)
    }
    switch code(most) - code(least) {
    case 0:
      // Nothing that the input holds can move the result: the sums count for nothing.
      self.init(
        bias: 0, multiplier: 0, rounding: 4 * code(least) + 2, left: form.leastLeft, right: 2,
        roundsTwice: true)
    case 1 where layer.curve == nil:
      self.init(stepAt: Self.border(least, most, code), bias: bias, above: code(most), form: form)
    default:
      self.init(
        factor, bias: bias, within: abs(bias) + 128 * magnitude,
        outputZeroPoint: outputZeroPoint, form: form)
    }
  }

  /// The least of `least ... most` whose code is that of `most`.
  private static func border(_ least: Int, _ most: Int, _ code: (Int) -> Int32) -> Int {
    var (below, above) = (least, most)
    while above - below > 1 {
      let middle = (below + above) / 2
      if code(middle) == code(most) { above = middle } else { below = middle }
    }
    return above
  }

  /// The code `above` from the accumulator `border` on, and one less below it.
  ///
  /// The sum is the distance from the border, times 4, which a multiplication by 2^30 takes back, or
  /// times 2, and one by 2^31 - 1 that rounds; the last shift leaves of it 0 or -1, since the weights
  /// cannot add up to 2^24.
  private init(stepAt border: Int, bias: Int, above: Int32, form: Form) {
    self.init(
      bias: Int32(bias - border), multiplier: form == .truncating ? 1 << 30 : .max,
      rounding: above << 24, left: form.leastLeft, right: 24, roundsTwice: true)
  }

  /// A requantization of sums up to `bound` in magnitude; `nil` where the short form of the
  /// arithmetic would not give the bytes of `double` rounding.
  init?(
    _ factor: Requantization, bias: Int = 0, within bound: Int, outputZeroPoint: Int32,
    form: Form = .truncating
  ) {
    let right = Int(max(-factor.shift, 0))
    let left = Int(max(factor.shift, 0))
    // Doubled: the truncating form's.
    let rounding = (2 * Int(outputZeroPoint) + 1) << right + (right > 0 ? 1 : 0)
    guard bound << left < 1 << 29, right < 31,
      abs(rounding) + (4 * (bound << left) * Int(factor.multiplier)) >> 32 + 3 <= Int32.max
    else { return nil }
    let isDoubled = form == .truncating
    self.init(
      bias: Int32(bias), multiplier: factor.multiplier,
      rounding: Int32(isDoubled ? rounding : (rounding - 1) >> 1),
      left: Int32(left) + form.leastLeft, right: Int32(right) + (isDoubled ? 1 : 0),
      roundsTwice: right > 0)
  }

  /// The fields of the C struct, in order.
  package var numbers: [Int32] {
    [bias, multiplier, rounding, left, right, left - 1, -right]
  }

  /// The C struct, 32 bits at a time.
  package var words: [UInt32] {
    let bytes = [left, right, left - 1, -right].enumerated().map { place, byte in
      UInt32(UInt8(truncatingIfNeeded: byte)) << (8 * place)
    }
    return [bias, multiplier, rounding].map { UInt32(bitPattern: $0) } + [bytes.reduce(0, |)]
  }

  private init(
    bias: Int32, multiplier: Int32, rounding: Int32, left: Int32, right: Int32, roundsTwice: Bool
  ) {
    self.roundsTwice = roundsTwice
    self.bias = bias
    self.multiplier = multiplier
    self.rounding = rounding
    self.left = left
    self.right = right
  }
}
