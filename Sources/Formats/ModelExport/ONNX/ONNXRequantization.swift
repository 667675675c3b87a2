internal import ONNXSchema
internal import SwiftProtobuf

/// The function that the file defines for the integer arithmetic between a sum and its code.
///
/// A float sum is a whole number of its unit but for the error of adding up; rounding to that number
/// removes the error. The rest is in 64-bit floats, which hold every product with a factor.
enum ONNXRequantization {
  static let domain = "mnquant"
  static let name = "Requantize"

  private static let description = """
    Rounds real sums to steps of the output as integer arithmetic does: sum / unit is a whole \
    number; times factor it counts steps; away (from zero) and up move ties to where the rounding \
    rule brings them.
    """

  static func function(opset: Onnx_OperatorSetIdProto) -> Onnx_FunctionProto {
    .with {
      $0.name = name
      $0.domain = domain
      $0.docString = description
      $0.input = ["sum", "unit", "factor", "away", "up", "step"]
      $0.output = ["real"]
      $0.opsetImport = [opset]
      $0.node = [
        node("Div", ["sum", "unit"], "ratio"),
        node("Round", ["ratio"], "whole"),
        node("Cast", ["whole"], "exact", ["to": .type(.double)]),
        node("Mul", ["exact", "factor"], "steps"),
        node("Sign", ["steps"], "sign"),
        node("Mul", ["sign", "away"], "outwards"),
        node("Add", ["steps", "outwards"], "moved"),
        node("Add", ["moved", "up"], "untied"),
        node("Round", ["untied"], "code"),
        node("Mul", ["code", "step"], "value"),
        node("Cast", ["value"], "real", ["to": .type(.float)]),
      ]
    }
  }

  private static func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [String: ONNXAttribute] = [:]
  ) -> Onnx_NodeProto {
    .with {
      $0.opType = operation
      $0.input = inputs
      $0.output = [output]
      $0.attribute = attributes.map { $0.value.proto($0.key) }
    }
  }
}
