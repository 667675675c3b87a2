internal import ONNXSchema

/// An attribute of an ONNX node.
enum ONNXAttribute {
  case integer(Int)
  case integers([Int])
  case real(Float)
  case type(Onnx_TensorProto.DataType)

  /// As the file spells it.
  func proto(_ name: String) -> Onnx_AttributeProto {
    var proto = Onnx_AttributeProto()
    proto.name = name
    switch self {
    case .integer(let value):
      proto.type = .int
      proto.i = Int64(value)
    case .integers(let values):
      proto.type = .ints
      proto.ints = values.map(Int64.init)
    case .real(let value):
      proto.type = .float
      proto.f = value
    case .type(let value):
      proto.type = .int
      proto.i = Int64(value.rawValue)
    }
    return proto
  }
}
