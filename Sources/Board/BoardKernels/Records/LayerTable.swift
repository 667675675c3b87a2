internal import QuantizedIR

/// A const table of a layer.
package struct LayerTable: Hashable, Sendable {
  /// As the layer's record points at it.
  package let name: String
  package let values: Values

  package enum Values: Hashable, Sendable {
    case int8([Int8])
    case int16([Int16])
    case int32([Int32])
    case channels([PackedChannel])
  }

  init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// Bytes of an element.
  package var elementBytes: Int {
    switch values {
    case .int8: 1
    case .int16: 2
    case .int32: 4
    case .channels: PackedChannel.bytes
    }
  }

  /// As it lies in memory, least significant bytes first.
  package var bytes: [UInt8] {
    switch values {
    case .int8(let values): Self.bytes(values)
    case .int16(let values): Self.bytes(values)
    case .int32(let values): Self.bytes(values)
    case .channels(let values): Self.bytes(values.flatMap(\.words))
    }
  }

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    let size = Value.bitWidth / 8
    return values.flatMap { value in
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * Value(truncatingIfNeeded: $0))) }
    }
  }
}

extension ChannelRequantized {
  /// The tables of a layer with weights.
  func tables(weights: Constants<Int8>) -> [LayerTable] {
    [
      LayerTable("weights", .int8(weights.values)), LayerTable("bias", .int32(bias.values)),
      LayerTable("multipliers", .int32(multipliers.values)),
      LayerTable("shifts", .int8(shifts.values)),
    ] + (curve.map { [LayerTable("curve", .int16($0.points.values))] } ?? [])
  }
}
