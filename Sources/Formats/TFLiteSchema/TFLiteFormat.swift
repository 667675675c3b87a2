/// What names a TensorFlow Lite file.
///
/// Source: TensorFlow Lite `schema.fbs`.
package enum TFLiteFormat {
  /// The four letters at byte 4.
  package static let identifier = "TFL3"
  /// The only version of the schema.
  package static let version = 3
}
