internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// Initializers of the C structs that several layers share.
extension CWriter {
  mutating func field(_ name: String, _ value: some FixedWidthInteger) {
    line(".\(name) = \(value),")
    record(value)
  }

  mutating func field(_ name: String, _ values: [Int]) {
    line(".\(name) = {\(values.map(String.init).joined(separator: ", "))},")
    values.forEach { record($0) }
  }

  mutating func field(_ name: String, _ extent: Extent) {
    line(".\(name) = {\(extent.height), \(extent.width)},")
    record(extent.height)
    record(extent.width)
  }

  mutating func field(_ name: String, _ factor: Requantization) {
    line(".\(name) = {\(factor.multiplier), \(factor.shift)},")
    record(factor.multiplier)
    record(factor.shift)
  }

  mutating func field(_ rounding: Rounding) {
    let (name, number) =
      switch rounding {
      case .double: ("DOUBLE", 0)
      case .singleUp: ("SINGLE_UP", 1)
      case .singleAway: ("SINGLE_AWAY", 2)
      }
    line(".rounding = MNQ_ROUNDING_\(name),")
    record(number)
  }

  mutating func field(clamp: ClosedRange<Int32>) {
    field("clamp_min", clamp.lowerBound)
    field("clamp_max", clamp.upperBound)
  }

  mutating func field(_ broadcast: Broadcast) {
    func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ", ") }
    line(".broadcast = {")
    line("    .shape = {\(list(broadcast.shape))},")
    line("    .a_strides = {\(list(broadcast.aStrides))},")
    line("    .b_strides = {\(list(broadcast.bStrides))},")
    line("},")
    (broadcast.shape + broadcast.aStrides + broadcast.bStrides).forEach { record($0) }
  }

  mutating func field(_ finish: PackedConvolution.Finish) {
    line(".finish = \(finish.rawValue),")
    record(finish.number)
  }

  mutating func field(_ name: String, _ channel: PackedChannel) {
    line(".\(name) = \(channel.initializer),")
    channel.words.forEach { record($0) }
  }
}
