internal import FlatBuffers

/// The table of options of an operator. Field numbers are those of `schema.fbs`.
struct TFLiteOptions {
  /// The table's number in the schema's union of options; 0 for none.
  let kind: UInt8
  let fields: [Int: FlatNode]

  static let none = TFLiteOptions(kind: 0, fields: [:])
}
