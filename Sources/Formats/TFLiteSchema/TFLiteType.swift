/// The number types of tensors that can be imported. The raw value is the schema's code.
package enum TFLiteType: Int, CaseIterable, Sendable {
  case float32 = 0
  case int32 = 2
  case int64 = 4
  case int8 = 9

  /// Bytes of one value.
  package var size: Int {
    switch self {
    case .float32, .int32: 4
    case .int64: 8
    case .int8: 1
    }
  }

  /// What the schema calls type `code`; its number where that is newer than this list.
  package static func name(of code: Int) -> String {
    names.indices.contains(code) ? String(names[code]) : "type \(code)"
  }

  /// In the order of their codes. Source: TensorFlow Lite `schema.fbs`, `TensorType`.
  private static let names = """
    float32 float16 int32 uint8 int64 string bool int16 complex64 int8 float64 complex128 uint64
    resource variant uint32 uint16 int4
    """.split(whereSeparator: \.isWhitespace)
}
