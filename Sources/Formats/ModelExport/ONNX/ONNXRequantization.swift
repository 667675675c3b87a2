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

  static let inputs = ["sum", "unit", "factor", "away", "up", "step"]
  static let output = "real"

  /// A node of the function.
  struct Step: Sendable {
    let operation: String
    let inputs: [String]
    let output: String
    let attributes: [String: ONNXAttribute]

    init(
      _ operation: String, _ inputs: [String], _ output: String,
      _ attributes: [String: ONNXAttribute] = [:]
    ) {
      (self.operation, self.inputs, self.output) = (operation, inputs, output)
      self.attributes = attributes
    }
  }

  static let steps = [
    Step("Div", ["sum", "unit"], "ratio"),
    Step("Round", ["ratio"], "whole"),
    Step("Cast", ["whole"], "exact", ["to": .type(.double)]),
    Step("Mul", ["exact", "factor"], "steps"),
    Step("Sign", ["steps"], "sign"),
    Step("Mul", ["sign", "away"], "outwards"),
    Step("Add", ["steps", "outwards"], "moved"),
    Step("Add", ["moved", "up"], "untied"),
    Step("Round", ["untied"], "code"),
    Step("Mul", ["code", "step"], "value"),
    Step("Cast", ["value"], output, ["to": .type(.float)]),
  ]

  static func function(opset: Onnx_OperatorSetIdProto) -> Onnx_FunctionProto {
    .with {
      $0.name = name
      $0.domain = domain
      $0.docString = description
      $0.input = inputs
      $0.output = [output]
      $0.opsetImport = [opset]
      $0.node = steps.map { step in
        .with {
          $0.opType = step.operation
          $0.input = step.inputs
          $0.output = [step.output]
          $0.attribute = step.attributes.map { $0.value.proto($0.key) }
        }
      }
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
