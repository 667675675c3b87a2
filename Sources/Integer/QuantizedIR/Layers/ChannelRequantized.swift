package import FixedPoint
package import Tensors

/// What layers of sums of products share: weights, a bias and a requantization factor an output
/// channel, and the codes at both ends.
package struct ChannelSums: Hashable, Codable, Sendable {
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// What the requantized sum of 0 becomes: `-128 ... 127`; 0 in front of a curve.
  package var outputZeroPoint: Int32
  /// The codes that a requantized sum may take: the activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding
  /// In `-127 ... 127`; the layer says in which order.
  package var weights: Constants<Int8>
  /// One value an output channel, in steps of `inputScale * weightScale[c]`.
  package var bias: Constants<Int32>
  /// One mantissa an output channel; see `Requantization.multiplier`.
  package var multipliers: Constants<Int32>
  /// One power of two an output channel; see `Requantization.shift`.
  package var shifts: Constants<Int8>
  /// What follows on the codes, which are then 16 bits wide with zero point 0; `nil` where the codes
  /// are the output.
  package var curve: Curve?

  package init(
    inputZeroPoint: Int32, outputZeroPoint: Int32, clamp: ClosedRange<Int32> = -128...127,
    rounding: Rounding = .double, weights: Constants<Int8>, bias: Constants<Int32>,
    multipliers: Constants<Int32>, shifts: Constants<Int8>, curve: Curve? = nil
  ) {
    precondition(multipliers.count == bias.count && shifts.count == bias.count)
    self.inputZeroPoint = inputZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.clamp = clamp
    self.rounding = rounding
    self.weights = weights
    self.bias = bias
    self.multipliers = multipliers
    self.shifts = shifts
    self.curve = curve
  }
}

extension ChannelSums {
  /// The factor of output channel `c`.
  package func requantization(_ c: Int) -> Requantization {
    Requantization(multiplier: multipliers[c], shift: Int32(shifts[c]))
  }

  /// The code of channel `c` for a sum: requantized and clamped. It grows with the sum.
  package func code(_ accumulator: Int32, channel c: Int) -> Int32 {
    let quantized = requantization(c)(accumulator, rounding: rounding) &+ outputZeroPoint
    return min(max(quantized, clamp.lowerBound), clamp.upperBound)
  }

  /// The output for a code: itself, or what the curve makes of it.
  package func output(_ code: Int32) -> Int8 { curve.map { $0.code(code) } ?? Int8(code) }

  /// As `output`, for a layer with an output of any width.
  package func wideOutput(_ code: Int32) -> Int32 { curve?.value(code) ?? code }
}

/// A layer of sums of products whose output channels each have a bias and a requantization factor
/// of their own.
package protocol ChannelRequantized: IntegerLayer {
  var sums: ChannelSums { get set }

  /// The output channel that weight number `index` belongs to. Default: those of a channel stand
  /// together.
  func channel(ofWeight index: Int) -> Int
}

extension ChannelRequantized {
  package var inputZeroPoint: Int32 {
    get { sums.inputZeroPoint }
    set { sums.inputZeroPoint = newValue }
  }
  package var outputZeroPoint: Int32 {
    get { sums.outputZeroPoint }
    set { sums.outputZeroPoint = newValue }
  }
  package var clamp: ClosedRange<Int32> {
    get { sums.clamp }
    set { sums.clamp = newValue }
  }
  package var rounding: Rounding {
    get { sums.rounding }
    set { sums.rounding = newValue }
  }
  package var weights: Constants<Int8> {
    get { sums.weights }
    set { sums.weights = newValue }
  }
  package var bias: Constants<Int32> {
    get { sums.bias }
    set { sums.bias = newValue }
  }
  package var multipliers: Constants<Int32> {
    get { sums.multipliers }
    set { sums.multipliers = newValue }
  }
  package var shifts: Constants<Int8> {
    get { sums.shifts }
    set { sums.shifts = newValue }
  }
  package var curve: Curve? {
    get { sums.curve }
    set { sums.curve = newValue }
  }

  /// The factor of output channel `c`.
  package func requantization(_ c: Int) -> Requantization { sums.requantization(c) }

  package func channel(ofWeight index: Int) -> Int { index / (weights.count / bias.count) }

  package var macs: Int { weights.count }
  package var parameterCount: Int { weights.count + bias.count }
  package var constantBytes: Int {
    weights.count + bias.count * 4 + multipliers.count * 4 + shifts.count
      + (curve?.points.count ?? 0) * 2
  }
  package var zeroPoints: (inputs: [Int32], output: Int32?) {
    ([inputZeroPoint], curve == nil ? outputZeroPoint : nil)
  }
}

extension ChannelRequantized where Self: Windowed {
  package var macs: Int { window.output.count * weights.count }
}

extension ChannelRequantized {
  /// Looks at what all layers with weights have.
  ///
  /// - Parameters:
  ///   - channels: Of the output.
  ///   - expected: How many weights there should be.
  ///   - width: Of the output's codes.
  func checkChannels(
    _ channels: Int, weights expected: Int, width: CodeWidth
  ) throws(FieldProblem) {
    try FieldProblem.require(weights.count, "a number of weights of", is: expected)
    try FieldProblem.require(bias.count, "a number of biases of", is: channels)
    try FieldProblem.require(multipliers.count, "a number of multipliers of", is: channels)
    try FieldProblem.require(shifts.count, "a number of shifts of", is: channels)
    for multiplier in multipliers.values {
      try FieldProblem.require(multiplier, "a multiplier of", in: 0...Int32.max)
    }
    for shift in shifts.values { try FieldProblem.require(shift, "a shift of", in: -31...30) }
    guard let curve else { return try FieldProblem.require(clamp: clamp, within: width) }
    try FieldProblem.require(
      curve.points.count, "a number of curve points of", is: Curve.pointCount)
    try FieldProblem.require(outputZeroPoint, "outputZeroPoint", is: 0)
    try FieldProblem.require(clamp, "clamp", is: Curve.inputs)
    try FieldProblem.require(curve.width.rawValue, "curve.outputWidth", is: width.rawValue)
  }

  /// Sums over codes of 16 bits are requantized with a mantissa of 15 bits.
  package func checkWide(readsWide: Bool) throws(FieldProblem) {
    guard readsWide else { return }
    for shift in shifts.values {
      try FieldProblem.require(
        shift, "a shift of", in: -31...Int8(Requantization.mostReducedShift))
    }
  }

  /// Scales of weights are there for all channels or for none, and give the factors: in front of a
  /// curve those lead to other codes than the tensor's.
  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    guard weightScales.count > 0 else { return }
    try FieldProblem.require(weightScales.count, "a number of weight scales of", is: bias.count)
    for (channel, scale) in weightScales.values.enumerated() {
      guard scale > 0, scale.isFinite else {
        throw FieldProblem(
          field: "a weight scale of", expected: "a positive number", found: "\(scale)")
      }
      guard curve == nil else { continue }
      try FieldProblem.require(
        requantization(channel).real, "a factor of channel \(channel) of",
        isFactor: inputs[0].scale * Double(scale) / output.scale)
    }
  }
}

/// A function of a 16-bit code with a result of 8 or 16 bits: straight lines between 257 points.
///
/// A layer's sums become codes of 16 bits first and are int8 only behind the curve, so that what
/// stands between a convolution and its h-swish is not rounded to 8 bits, and is never stored.
///
/// Twins: `mnq_curve_code` and `mnq_wide_curve` in `CRuntime`.
package struct Curve: Hashable, Codable, Sendable {
  /// The codes that a curve reads.
  package static let inputs: ClosedRange<Int32> = -32768...32767
  /// Points: one every 256 codes from -32768 to 32768, both ends included.
  package static let pointCount = 257

  /// What the curve is, in messages; `nil` for one of no name.
  package var function: Activation?
  /// The value at each point: of int8 output plus a half, in 1/256 of a code; of 16-bit output in
  /// codes.
  package var points: Constants<Int16>
  /// `nil`, as in files without 16-bit tensors, for int8.
  private var outputWidth: CodeWidth?

  /// Tabulates `function`.
  ///
  /// - Parameters:
  ///   - width: Of the output.
  ///   - value: For a code in `-32768 ... 32768`, the output code, not rounded; what leaves the
  ///     output's codes saturates.
  package init(function: Activation?, width: CodeWidth = .int8, value: (Int32) -> Double) {
    self.function = function
    outputWidth = width == .int8 ? nil : width
    points = Constants(
      (0..<Self.pointCount).map { index in
        let value = value(Int32(index) << 8 + Self.inputs.lowerBound)
        let rounded =
          width == .int8
          ? (256 * value).rounded(.toNearestOrAwayFromZero) + 128
          : value.rounded(.toNearestOrAwayFromZero)
        return Int16(min(max(rounded, Double(Int16.min)), Double(Int16.max)))
      })
  }

  /// The function's name, for messages.
  package var title: String { function?.description ?? "a curve" }

  /// Of the output's codes.
  package var width: CodeWidth { outputWidth ?? .int8 }

  /// The output code for `input`, in `inputs`, where the output is int8.
  package func code(_ input: Int32) -> Int8 { Int8(value(input)) }

  /// The output code for `input`, in `inputs`: the nearest to the line between two points, ties up.
  package func value(_ input: Int32) -> Int32 {
    let offset = input - Self.inputs.lowerBound
    let (index, fraction) = (Int(offset >> 8), offset & 255)
    let (from, to) = (Int32(points[index]), Int32(points[index + 1]))
    let line = from << 8 + (to - from) * fraction
    return width == .int8 ? line >> 16 : (line + 128) >> 8
  }
}
