import Foundation
import ModelImport
import ONNXSchema

/// ONNX models of a few nodes on an image `[1, 2, 4, 4]`, built in memory.
enum ModelFixture {
  typealias Attribute = Onnx_AttributeProto

  static func model(
    nodes: [Onnx_NodeProto], initializers: [Onnx_TensorProto] = [], input: [Int64] = [1, 2, 4, 4]
  ) -> Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = 8
    var opset = Onnx_OperatorSetIdProto()
    opset.version = 17
    model.opsetImport = [opset]
    model.graph.node = nodes
    model.graph.initializer = initializers
    model.graph.input = [value("x", input)]
    model.graph.output = [value("y", [])]
    return model
  }

  static func value(_ name: String, _ sizes: [Int64]) -> Onnx_ValueInfoProto {
    var value = Onnx_ValueInfoProto()
    value.name = name
    value.type.tensorType.elemType = 1
    value.type.tensorType.shape.dim = sizes.map { size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      dimension.dimValue = size
      return dimension
    }
    return value
  }

  /// A node called `n` from `inputs` to `y`.
  static func node(
    _ operation: String, _ inputs: [String] = ["x"], _ attributes: [Attribute] = [],
    output: String = "y"
  ) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    node.name = output == "y" ? "n" : output
    node.opType = operation
    node.input = inputs
    node.output = [output]
    node.attribute = attributes
    return node
  }

  static func floats(
    _ name: String, _ sizes: [Int64], _ values: [Float]? = nil
  ) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dataType = 1
    tensor.dims = sizes
    tensor.floatData = values ?? [Float](repeating: 1, count: Int(sizes.reduce(1, *)))
    return tensor
  }

  static func integers(_ name: String, _ values: [Int64]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dataType = 7
    tensor.dims = [Int64(values.count)]
    tensor.int64Data = values
    return tensor
  }

  static func attribute(_ name: String, _ value: Int64) -> Attribute {
    var attribute = Attribute()
    (attribute.name, attribute.type, attribute.i) = (name, .int, value)
    return attribute
  }

  static func attribute(_ name: String, _ values: [Int64]) -> Attribute {
    var attribute = Attribute()
    (attribute.name, attribute.type, attribute.ints) = (name, .ints, values)
    return attribute
  }

  static func attribute(_ name: String, _ value: Float) -> Attribute {
    var attribute = Attribute()
    (attribute.name, attribute.type, attribute.f) = (name, .float, value)
    return attribute
  }

  static func attribute(_ name: String, _ value: String) -> Attribute {
    var attribute = Attribute()
    (attribute.name, attribute.type, attribute.s) = (name, .string, .init(value.utf8))
    return attribute
  }
}
