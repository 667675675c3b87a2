internal import Foundation
package import ONNXSchema

/// An ONNX network as data: small enough to print, to evaluate by the book and to write as a file.
package struct ONNXSketch: Sendable {
  package enum Attribute: Hashable, Sendable {
    case integer(Int)
    case integers([Int])
    case real(Float)
    case text(String)
  }

  package struct Node: Sendable {
    package var operation: String
    /// Empty for one that is left out.
    package var inputs: [String]
    package var outputs: [String]
    package var attributes: [String: Attribute]

    package init(
      _ operation: String, _ inputs: [String], _ outputs: [String],
      _ attributes: [String: Attribute] = [:]
    ) {
      (self.operation, self.inputs, self.outputs) = (operation, inputs, outputs)
      self.attributes = attributes
    }
  }

  package struct Constant: Sendable {
    package var tensor: PlainTensor
    package var isInteger: Bool

    package init(_ tensor: PlainTensor, isInteger: Bool = false) {
      (self.tensor, self.isInteger) = (tensor, isInteger)
    }
  }

  package var opset: Int
  package var input: String = "x"
  package var inputSizes: [Int]
  package var nodes: [Node] = []
  package var constants: [String: Constant] = [:]
  package var output: String = "x"

  package init(opset: Int, inputSizes: [Int]) {
    (self.opset, self.inputSizes) = (opset, inputSizes)
  }
}

extension ONNXSketch: CustomStringConvertible {
  package var description: String {
    let lines = nodes.map { node in
      let attributes = node.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let inputs = node.inputs.map { name in
        constants[name].map { "\(name)\($0.tensor.sizes)" } ?? name
      }
      return "  \(node.outputs.joined(separator: ", ")) = \(node.operation)"
        + "(\(inputs.joined(separator: ", "))) \(attributes.joined(separator: " "))"
    }
    return (["opset \(opset), \(input) \(inputSizes), gives \(output)"] + lines)
      .joined(separator: "\n")
  }
}

extension ONNXSketch {
  /// The network as a file's contents.
  package var model: Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = 8
    var opset = Onnx_OperatorSetIdProto()
    opset.version = Int64(self.opset)
    model.opsetImport = [opset]
    model.graph.node = nodes.enumerated().map { index, node in
      var proto = Onnx_NodeProto()
      proto.name = "node\(index)"
      proto.opType = node.operation
      proto.input = node.inputs
      proto.output = node.outputs
      proto.attribute = node.attributes.sorted { $0.key < $1.key }.map { $1.proto($0) }
      return proto
    }
    model.graph.initializer = constants.sorted { $0.key < $1.key }.map { $1.proto($0) }
    model.graph.input = [Self.value(input, inputSizes)]
    model.graph.output = [Self.value(output, [])]
    return model
  }

  private static func value(_ name: String, _ sizes: [Int]) -> Onnx_ValueInfoProto {
    var value = Onnx_ValueInfoProto()
    value.name = name
    value.type.tensorType.elemType = 1
    value.type.tensorType.shape.dim = sizes.map { size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      dimension.dimValue = Int64(size)
      return dimension
    }
    return value
  }
}

extension ONNXSketch.Attribute {
  fileprivate func proto(_ name: String) -> Onnx_AttributeProto {
    var proto = Onnx_AttributeProto()
    proto.name = name
    switch self {
    case .integer(let value): (proto.type, proto.i) = (.int, Int64(value))
    case .integers(let values): (proto.type, proto.ints) = (.ints, values.map { Int64($0) })
    case .real(let value): (proto.type, proto.f) = (.float, value)
    case .text(let value): (proto.type, proto.s) = (.string, .init(value.utf8))
    }
    return proto
  }
}

extension ONNXSketch.Constant {
  fileprivate func proto(_ name: String) -> Onnx_TensorProto {
    var proto = Onnx_TensorProto()
    proto.name = name
    proto.dims = tensor.sizes.map { Int64($0) }
    if isInteger {
      proto.dataType = 7
      proto.int64Data = tensor.values.map { Int64($0) }
    } else {
      proto.dataType = 1
      proto.floatData = tensor.values.map { Float($0) }
    }
    return proto
  }
}
