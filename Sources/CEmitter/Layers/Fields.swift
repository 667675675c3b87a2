internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// Initializers of the C structs that several layers share.
extension CWriter {
  mutating func field(_ name: String, _ value: some FixedWidthInteger) {
    line(".\(name) = \(value),")
  }

  mutating func field(_ name: String, _ values: [Int]) {
    line(".\(name) = {\(values.map(String.init).joined(separator: ", "))},")
  }

  mutating func field(_ name: String, _ extent: Extent) {
    line(".\(name) = {\(extent.height), \(extent.width)},")
  }

  mutating func field(_ name: String, _ factor: Requantization) {
    line(".\(name) = {\(factor.multiplier), \(factor.shift)},")
  }

  mutating func field(_ rounding: Rounding) {
    let name =
      switch rounding {
      case .double: "DOUBLE"
      case .singleUp: "SINGLE_UP"
      case .singleAway: "SINGLE_AWAY"
      }
    line(".rounding = MNQ_ROUNDING_\(name),")
  }

  mutating func field(clamp: ClosedRange<Int32>) {
    line(".clamp_min = \(clamp.lowerBound),")
    line(".clamp_max = \(clamp.upperBound),")
  }

  mutating func field(_ broadcast: Broadcast) {
    func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ", ") }
    line(".broadcast = {")
    line("    .shape = {\(list(broadcast.shape))},")
    line("    .a_strides = {\(list(broadcast.aStrides))},")
    line("    .b_strides = {\(list(broadcast.bStrides))},")
    line("},")
  }
}
