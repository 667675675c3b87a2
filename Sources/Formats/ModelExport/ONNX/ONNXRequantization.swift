internal import FixedPoint
internal import ONNXSchema
internal import QuantizedIR
internal import SwiftProtobuf
internal import Tensors

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

extension ONNXExporter {
  /// The sums `real` of a layer with a factor a channel, as the layer requantizes them.
  mutating func requantized(
    _ real: String, _ operation: some ChannelRequantized, clamp: ClosedRange<Int32>,
    _ rounding: Rounding, _ layer: Layer
  ) -> String {
    let inputScale = inputs(layer)[0].scale
    let units = layer.weightScales.values.map { inputScale * Double($0) }
    let factors = units.indices.map { operation.requantization($0) }
    let rounded = requantized(
      real, units, factors, rounding, [1, units.count, 1, 1], layer)
    return clamped(rounded, clamp, layer)
  }

  /// `real`, whole numbers of `units`, times `factors`, rounded to the output's steps by the
  /// function `ONNXRequantization`. Both hold a value a channel, and so has `shape`.
  mutating func requantized(
    _ real: String, _ units: [Double], _ factors: [Requantization], _ rounding: Rounding,
    _ shape: Shape, _ layer: Layer
  ) -> String {
    let constants = [
      writer.constant("\(layer.name)/unit", shape, units.map { Float($0) }),
      writer.constant("\(layer.name)/factor", shape, factors.map(\.real)),
      writer.constant("\(layer.name)/away", shape, factors.map { rounding.away(from: $0) }),
      writer.constant("\(layer.name)/up", [], [rounding.up]),
      writer.constant("\(layer.name)/step", [], [output(layer).scale]),
    ]
    return writer.requantization([real] + constants)
  }

  /// `real` cut to the real values of the codes in `clamp`.
  mutating func clamped(_ real: String, _ clamp: ClosedRange<Int32>, _ layer: Layer) -> String {
    guard clamp != -128...127 else { return real }
    let output = output(layer)
    let bounds = [clamp.lowerBound, clamp.upperBound].map { code in
      writer.constant("\(layer.name)/bound", [], [Float(output.real(Int8(code)))])
    }
    return writer.node("Clip", [real] + bounds)
  }
}

extension Requantization {
  /// The factor, exactly.
  fileprivate var real: Double {
    Double(sign: .plus, exponent: Int(shift) - 31, significand: Double(multiplier))
  }
}

extension Rounding {
  /// Less than any product is from a tie that it does not meet, in steps of the output.
  private static let tie = 0x1p-40

  /// What is added to the magnitude of a product, in steps, so that rounding it once is this rule.
  ///
  /// Double rounding by `2^-n` first rounds to whole `2^-n` steps. To it, half of one short of a tie
  /// is a tie already, and goes away from zero.
  fileprivate func away(from factor: Requantization) -> Double {
    switch self {
    case .double:
      factor.shift < 0 ? Double(sign: .plus, exponent: Int(factor.shift) - 1, significand: 1) : 0
    case .singleUp: 0
    case .singleAway: Self.tie
    }
  }

  /// What is added to a product, in steps, so that ties go where this rule brings them.
  fileprivate var up: Double {
    switch self {
    case .double, .singleUp: Self.tie
    case .singleAway: 0
    }
  }
}
