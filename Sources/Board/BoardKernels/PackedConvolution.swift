internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// A convolution with its constants in the order of one kernel. Twins: `mnq_packed` and, where
/// codes of 16 bits come in, `mnq_packed_curve` and `mnq_packed_wide`.
package struct PackedConvolution: Hashable, Sendable {
  let instructionSet: InstructionSet
  /// What the C names of the kernel have in common where all codes are int8.
  let base: String
  let widths: Widths
  var window: Window
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
  var memory: KernelMemory

  /// What the codes of the layer need. Twin: `mnq_finish`.
  enum Finish: String, Hashable, Sendable {
    case positive = "MNQ_FINISH_POSITIVE"
    case saturate = "MNQ_FINISH_SATURATE"
    case clamp = "MNQ_FINISH_CLAMP"
    case table = "MNQ_FINISH_TABLE"
    case curve = "MNQ_FINISH_CURVE"
    case codes16 = "MNQ_FINISH_16"

    /// In C.
    var number: Int {
      switch self {
      case .positive: 0
      case .saturate: 1
      case .clamp: 2
      case .table: 3
      case .curve: 4
      case .codes16: 5
      }
    }

    init(
      outputZeroPoint: Int32, clamp: ClosedRange<Int32>, channels: [PackedChannel],
      widths: Widths, hasCurve: Bool
    ) {
      if widths.output == .int16 {
        self = .codes16
      } else if widths.input == .int16 {
        self = hasCurve ? .curve : .clamp
      } else if clamp != -128...127 && clamp != Curve.inputs {
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

  /// Of the codes that a convolution reads and writes.
  struct Widths: Hashable, Sendable {
    var input = CodeWidth.int8
    var output = CodeWidth.int8

    static let int8 = Widths()
  }

  /// What the C names have in common: `mnq_STEM`.
  var stem: String {
    guard widths != .int8 else { return curve == nil ? base : base + "_curve" }
    // Of a DSP kernel.
    return base.dropLast(3) + (widths.input == .int16 ? "wide_dsp" : "widening_dsp")
  }

  /// The same layer with a lookup behind it, whose table takes in the clamp; `nil` where the codes
  /// need a finish of their own.
  func applying(_ lookup: Lookup) -> PackedConvolution? {
    guard table == nil, curve == nil, widths == .int8, channels.allSatisfy(\.roundsTwice) else {
      return nil
    }
    var result = self
    result.table = (Int32(-128)...127).map { code in
      lookup.table[Int(min(max(code, clamp.lowerBound), clamp.upperBound)) + 128]
    }
    result.clamp = -128...127
    result.finish = .table
    return result
  }

  /// The same on the rows that `operation`, a part of the layer, goes over.
  func part(_ operation: Operation) -> PackedConvolution {
    if case .wide(let wide) = operation { return self.part(wide.operation) }
    guard let layer = operation.traits as? any Windowed else { return self }
    var part = self
    part.window = layer.window
    switch layer {
    case let layer as Conv2D: part.memory = layer.packedMemory(for: instructionSet, widths)
    case let layer as DepthwiseConv2D: part.memory = layer.packedMemory(for: instructionSet, widths)
    default: break
    }
    return part
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
    guard curve != nil || widths != .int8 else { return packedRecord }
    var record = LayerRecord()
    record.field("packed", .record(packedRecord))
    record.field("curve", .table(curve.map { _ in "curve" }))
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
    _ instructionSet: InstructionSet, _ widths: Widths
  ) -> [PackedChannel]? {
    let channels = rows.enumerated().compactMap { index, weights in
      widths.input == .int16
        ? PackedChannel(layer, index, wideWeights: weights)
        : PackedChannel(
          layer, index, weights: weights, inputZeroPoint: inputZeroPoint, output: widths.output,
          form: instructionSet == .dsp ? .rounding : .truncating)
    }
    return channels.count == rows.count ? channels : nil
  }
}

extension InstructionSet {
  /// The one whose kernels are to be used: curves and codes of 16 bits have none among the vector
  /// kernels, the latter none among the plain ones either.
  func with(_ widths: PackedConvolution.Widths, hasCurve: Bool) -> InstructionSet? {
    if self == .portable, widths != .int8 { return nil }
    return self == .mve && (hasCurve || widths != .int8) ? .dsp : self
  }
}

/// How the accumulators of one output channel become codes. Twin: `mnq_channel`.
package struct PackedChannel: Hashable, Sendable {
  let bias: Int32
  let multiplier: Int32
  let rounding: Int32
  let left: Int32
  let right: Int32
  /// As vectors shift; of other kernels what `fast` and `dense` say.
  var lanesLeft: Int32, lanesRight: Int32
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
    inputZeroPoint: Int32, output width: CodeWidth, form: Form
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
    let isNarrow = layer.curve == nil && width == .int8
    let full = isNarrow ? -128...127 : Curve.inputs
    func code(_ accumulator: Int) -> Int32 {
      min(max(factor(Int32(accumulator)) + outputZeroPoint, full.lowerBound), full.upperBound)
    }
    switch code(most) - code(least) {
    case 0:
      // Nothing that the input holds can move the result: the sums count for nothing.
      self.init(
        bias: 0, multiplier: 0, rounding: 4 * code(least) + 2, left: form.leastLeft, right: 2,
        roundsTwice: true)
    case 1 where isNarrow:
      self.init(stepAt: Self.border(least, most, code), bias: bias, above: code(most), form: form)
    default:
      self.init(
        factor, bias: bias, within: abs(bias) + 128 * magnitude,
        outputZeroPoint: outputZeroPoint, form: form)
    }
  }

  /// The constants of channel `index`, whose `weights` meet 16-bit codes: `Requantization.reduced`,
  /// and the output's zero point added; `nil` where sums or what is made of them may leave 32 bits.
  ///
  /// With 16 zeros behind its 15 bits the mantissa m gives the product's upper word
  /// `floor(p / 2^32)`, for `p = accumulator << left` times `m << 16`. `reduced` is
  /// `floor((accumulator * m + 2^(count - 1)) / 2^count)` for `count = 15 - shift`: the upper word
  /// plus half of `2^right`, over `2^right`, for `right = count - 16 + left` of at least 1, because
  /// a floor of a floor is the floor of the whole.
  init?(
    _ layer: some ChannelRequantized, _ index: Int, wideWeights weights: some Sequence<Int8>
  ) {
    let factor = layer.requantization(index)
    let bias = layer.bias[index]
    let bound = weights.reduce(abs(Int(bias))) { $0 + abs(Int($1)) << 15 }
    let left = max(Int(factor.shift) + 2, 0)
    let right = left - 1 - Int(factor.shift)
    let multiplier = factor.reducedMantissa << 16
    if bound <= Int32.max, factor.reduced(Int32(-bound)) == factor.reduced(Int32(bound)) {
      // As of sums that int8 codes cannot move.
      let code = factor.reduced(bias) + layer.outputZeroPoint
      self.init(
        bias: 0, multiplier: 0, rounding: 2 * code + 1, left: 0, right: 1, roundsTwice: true)
      return
    }
    let rounding = Int(layer.outputZeroPoint) << right + 1 << (right - 1)
    guard bound << left <= Int32.max,
      abs(rounding) + (bound << left * Int(multiplier)) >> 32 + 1 <= Int32.max
    else { return nil }
    self.init(
      bias: bias, multiplier: multiplier, rounding: Int32(rounding), left: Int32(left),
      right: Int32(right), roundsTwice: true)
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

  /// `value * 2^places` times the factor, rounded twice, and the output's zero point added, for the
  /// `values` that there are; `nil` where they leave 32 bits: the constants of `mnq_rescale_dsp`.
  init?(
    roundingTwice factor: Requantization, places: Int, within values: ClosedRange<Int>,
    outputZeroPoint: Int32 = 0
  ) {
    let (left, right) = (places + Int(max(factor.shift, 0)), Int(max(-factor.shift, 0)))
    let rounding = Int(outputZeroPoint) << right + (1 << right) >> 1
    guard values.lowerBound << left >= -1 << 30, values.upperBound << left < 1 << 30, right < 31,
      abs(rounding) + 1 << 30 <= Int32.max
    else { return nil }
    self.init(
      bias: 0, multiplier: factor.multiplier, rounding: Int32(rounding), left: Int32(left + 1),
      right: Int32(right), roundsTwice: right > 0)
  }

  /// The fields of the C struct, in order.
  package var numbers: [Int32] {
    [bias, multiplier, rounding, left, right, lanesLeft, lanesRight]
  }

  /// The C struct, 32 bits at a time.
  package var words: [UInt32] {
    let bytes = [left, right, lanesLeft, lanesRight].enumerated().map { place, byte in
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
    (lanesLeft, lanesRight) = (left - 1, -right)
  }

  /// The same for the fast kernels. In `lanesLeft`: of how many of the `weights` that stand together,
  /// one to three, the sums of products with codes stay within 16 bits, as do those of fewer, which end
  /// a row or meet another channel's. In `lanesRight`: 1, where sums have 20 bits and do not go left.
  func fast(for weights: some Collection<Int8>) -> PackedChannel {
    let products = weights.map { 128 * abs(Int($0)) }
    func fits(_ terms: Int) -> Bool {
      let firsts = stride(from: 0, to: products.count, by: terms)
      return firsts.allSatisfy { products[$0...].prefix(terms).reduce(0, +) < 1 << 15 }
    }
    let bound = abs(Int(bias)) + products.reduce(0, +)
    var result = self
    result.lanesLeft = !fits(2) ? 1 : fits(3) ? 3 : 2
    if left == Form.truncating.leastLeft, bound < 1 << 20 { result.lanesRight = 1 }
    return result
  }
}
