internal import FlatBuffers
internal import TFLiteSchema

/// The table of options of an operator.
struct TFLiteOptions {
  let type: TFLiteOptionsType
  /// By number: `TFLiteField`, `TFLiteWindowFields`.
  let fields: [Int: FlatNode]

  init(_ type: TFLiteOptionsType, _ fields: [Int: FlatNode] = [:]) {
    self.type = type
    self.fields = fields
  }
}
