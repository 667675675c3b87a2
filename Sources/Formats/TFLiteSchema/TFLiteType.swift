/// The number types of tensors that can be imported. The raw value is the schema's code.
package enum TFLiteType: Int, CaseIterable, Sendable {
  case float32 = 0
  case float16 = 1
  case int32 = 2
  case uint8 = 3
  case int64 = 4
  case int8 = 9

  /// Bytes of one value.
  package var size: Int {
    switch self {
    case .float32, .int32: 4
    case .float16: 2
    case .int64: 8
    case .int8, .uint8: 1
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

/// The activation that an operator applies to its result. The raw value is the schema's code.
package enum TFLiteActivation: Int, CaseIterable, Sendable {
  case none = 0
  case relu = 1
  case reluN1To1 = 2
  case relu6 = 3
  case tanh = 4

  /// The real values that are left, all of them for what is no clamp.
  package var range: ClosedRange<Float> {
    switch self {
    case .none, .tanh: -Float.infinity...Float.infinity
    case .relu: 0...Float.infinity
    case .reluN1To1: -1...1
    case .relu6: 0...6
    }
  }
}

/// What names a TensorFlow Lite file.
///
/// Source: TensorFlow Lite `schema.fbs`.
package enum TFLiteFormat {
  /// The four letters at byte 4.
  package static let identifier = "TFL3"
  /// The only version of the schema.
  package static let version = 3
}
