internal import Boards
internal import FixedPoint
internal import QuantizedIR

extension Add: BoardLayer {
  var stem: String { "add" }

  /// Twin: `mnq_add`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("a_factor", aFactor)
    record.field("b_zero_point", bZeroPoint)
    record.field("b_factor", bFactor)
    record.field("output_zero_point", outputZeroPoint)
    record.field("output_factor", outputFactor)
    record.field(clamp: clamp)
    record.field(rounding)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    PackedAdd(self).map { .add($0, instructionSet) }
  }
}

/// The sum of two tensors of one shape as a straight line in both codes:
/// `clamp((aSlope * a + bSlope * b + offset) >> places)`. Twin: `mnq_packed_add`.
package struct PackedAdd: Hashable, Sendable {
  private(set) var count: Int
  let aSlope: Int32
  let bSlope: Int32
  let offset: Int32
  let places: Int
  let clamp: ClosedRange<Int32>
  private(set) var memory: KernelMemory

  /// The line that gives the code of `layer` for every pair of codes; `nil` where none was found,
  /// or where an operand is repeated.
  init?(_ layer: Add) {
    guard layer.broadcast.isWhole(layer.broadcast.aStrides),
      layer.broadcast.isWhole(layer.broadcast.bStrides)
    else { return nil }
    let codes = layer.codes
    for places in stride(from: 22, through: 16, by: -1) {
      guard let a = Self.slope(layer.aFactor, layer.outputFactor, places),
        let b = Self.slope(layer.bFactor, layer.outputFactor, places)
      else { continue }
      guard 128 * (a + b) < 1 << 30 else { continue }
      for nudge in 0..<25 {
        let (aSlope, bSlope) = (a + nudge % 5 - 2, b + nudge / 5 - 2)
        guard let offset = Self.offset(aSlope, bSlope, places, codes, layer.clamp) else { continue }
        count = layer.broadcast.count
        (self.aSlope, self.bSlope) = (Int32(aSlope), Int32(bSlope))
        (self.offset, self.places) = (offset, places)
        clamp = layer.clamp
        memory = KernelMemory(overlaps: layer.overlaps)
        return
      }
    }
    return nil
  }

  /// The same for rows of it, which `layer` adds.
  func part(_ layer: Add) -> PackedAdd {
    var part = self
    part.count = layer.broadcast.count
    part.memory = KernelMemory(overlaps: layer.overlaps)
    return part
  }

  /// How fast the code grows with an operand's, times `2^places`; `nil` where 30 bits do not hold it.
  private static func slope(
    _ input: Requantization, _ output: Requantization, _ places: Int
  ) -> Int? {
    let product = Int(input.multiplier) * Int(output.multiplier)
    let shift = 62 - Int(Add.leftShift) - Int(input.shift) - Int(output.shift) - places
    guard shift > 32 else { return nil }
    return (product + 1 << (min(shift, 63) - 1)) >> shift
  }

  /// An offset with which the line gives `codes`; `nil` where there is none in 30 bits.
  private static func offset(
    _ aSlope: Int, _ bSlope: Int, _ places: Int, _ codes: [Int32], _ clamp: ClosedRange<Int32>
  ) -> Int32? {
    var (least, most) = (-1 << 30, 1 << 30)
    var index = 0
    for a in -128...127 {
      for b in -128...127 {
        let code = codes[index]
        let line = a * aSlope + b * bSlope
        if code > clamp.lowerBound { least = max(least, Int(code) << places - line) }
        if code < clamp.upperBound { most = min(most, Int(code + 1) << places - 1 - line) }
        index += 1
      }
      guard least <= most else { return nil }
    }
    return Int32((least + most) / 2)
  }

  /// What the struct holds.
  var record: LayerRecord {
    var record = LayerRecord()
    record.field("count", count)
    record.field("a_slope", aSlope)
    record.field("b_slope", bSlope)
    record.field("offset", offset)
    record.field("places", places)
    record.field(clamp: clamp)
    return record
  }
}

/// The sum of two tensors of one shape, one of them at least with codes of 16 bits, requantized as
/// `Wide` says. Twin: `mnq_packed_add_wide`.
package struct PackedWideAdd: Hashable, Sendable {
  let layer: Add
  let bits: [Int]
  let factors: [PackedChannel]
  let memory: KernelMemory

  /// `wide`; `nil` where it is no such sum, or where the short form of the arithmetic would not give
  /// its bytes.
  init?(_ wide: Wide) {
    guard case .add(let layer) = wide.operation, layer.rounding == .double,
      layer.broadcast.isWhole(layer.broadcast.aStrides),
      layer.broadcast.isWhole(layer.broadcast.bStrides)
    else { return nil }
    let places = Int(wide.leftShift)
    let operands = zip(
      wide.inputs, [(layer.aFactor, layer.aZeroPoint), (layer.bFactor, layer.bZeroPoint)])
    let terms = operands.compactMap { width, operand -> (factor: PackedChannel, ends: [Int])? in
      let codes = [width.codes.lowerBound - operand.1, width.codes.upperBound - operand.1]
      guard
        let factor = PackedChannel(
          roundingTwice: operand.0, places: places, within: Int(codes[0])...Int(codes[1]))
      else { return nil }
      return (factor, codes.map { Int(operand.0($0 << Int32(places))) })
    }
    guard terms.count == 2,
      let sum = PackedChannel(
        roundingTwice: layer.outputFactor, places: 0,
        within: terms[0].ends[0] + terms[1].ends[0]...terms[0].ends[1] + terms[1].ends[1],
        outputZeroPoint: layer.outputZeroPoint)
    else { return nil }
    self.layer = layer
    bits = (wide.inputs + [wide.output]).map(\.rawValue)
    factors = terms.map(\.factor) + [sum]
    memory = KernelMemory(overlaps: wide.overlaps)
  }

  /// What the struct holds.
  var record: LayerRecord {
    var record = LayerRecord()
    record.field("count", layer.broadcast.count)
    for (name, bits) in zip(["a", "b", "output"], bits) { record.field("\(name)_bits", bits) }
    record.field("a_zero_point", layer.aZeroPoint)
    record.field("b_zero_point", layer.bZeroPoint)
    record.field(clamp: layer.clamp)
    for (name, factor) in zip(["a", "b", "output"], factors) {
      record.field("\(name)_factor", .channel(factor))
    }
    return record
  }
}

extension Add {
  /// The code of every pair of codes, those of `b` changing fastest.
  fileprivate var codes: [Int32] {
    func term(_ code: Int32, _ zeroPoint: Int32, _ factor: Requantization) -> Int32 {
      factor((code - zeroPoint) << Self.leftShift, rounding: rounding)
    }
    let bTerms = (Int32(-128)...127).map { term($0, bZeroPoint, bFactor) }
    return (Int32(-128)...127).flatMap { a in
      let aTerm = term(a, aZeroPoint, aFactor)
      return bTerms.map { bTerm in
        let code = outputFactor(aTerm &+ bTerm, rounding: rounding) &+ outputZeroPoint
        return min(max(code, clamp.lowerBound), clamp.upperBound)
      }
    }
  }
}

extension Multiply: BoardLayer {
  var stem: String { "multiply" }

  /// Twin: `mnq_multiply`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("b_zero_point", bZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("factor", factor)
    record.field(clamp: clamp)
    record.field(rounding)
  }

  func fastKernel(for instructionSet: InstructionSet) -> Kernel? {
    PackedMultiply(self).map(Kernel.multiply)
  }
}

/// Each pixel of one tensor times one value a channel. Twin: `mnq_packed_multiply`.
package struct PackedMultiply: Hashable, Sendable {
  let pixels: Int
  let channels: Int
  let aZeroPoint: Int32
  let bZeroPoint: Int32
  let clamp: ClosedRange<Int32>
  let factor: PackedChannel
  let memory: KernelMemory

  /// `layer`; `nil` where its operands meet in another way, or where the short form of the
  /// arithmetic would not give its bytes.
  init?(_ layer: Multiply) {
    let broadcast = layer.broadcast
    guard layer.rounding == .double, broadcast.isWhole(broadcast.aStrides),
      let factor = PackedChannel(
        layer.factor, within: 255 * 255, outputZeroPoint: layer.outputZeroPoint)
    else { return nil }
    if broadcast.isWhole(broadcast.bStrides) {
      (pixels, channels) = (1, broadcast.count)
    } else if broadcast.isOfChannels(broadcast.bStrides) {
      channels = broadcast.shape.last ?? 1
      pixels = broadcast.count / channels
    } else {
      return nil
    }
    (aZeroPoint, bZeroPoint) = (layer.aZeroPoint, layer.bZeroPoint)
    clamp = layer.clamp
    self.factor = factor
    // Channel by channel: of what a channel's codes lie over, only they themselves are needed.
    let portable = layer.overlaps
    memory = KernelMemory(overlaps: pixels == 1 ? portable : [.inPlace, portable[1]])
  }

  /// What the struct holds.
  var record: LayerRecord {
    var record = LayerRecord()
    record.field("pixels", pixels)
    record.field("channels", channels)
    record.field("a_zero_point", aZeroPoint)
    record.field("b_zero_point", bZeroPoint)
    record.field(clamp: clamp)
    record.field(
      clamp == -128...127 && factor.roundsTwice
        ? PackedConvolution.Finish.saturate : PackedConvolution.Finish.clamp)
    record.field("factor", .channel(factor))
    return record
  }
}
