internal import FlatBuffers
private import Foundation
internal import TFLiteSchema

extension TFLiteSketch {
  /// A function of one value that runtimes have as a table or as steps of integers.
  package enum Curve: Hashable, Sendable {
    case reluN1To1, relu0To1, tanh, elu, abs, exp, neg, sqrt
    case gelu(isApproximate: Bool)
    case leakyRelu(Float)

    /// Those that int8 files may hold.
    package static let int8: [Curve] = [
      .reluN1To1, .relu0To1, .tanh, .elu, .abs, .exp, .gelu(isApproximate: false),
      .gelu(isApproximate: true), .leakyRelu(0.1),
    ]

    /// Those of them that TensorFlow Lite Micro has not.
    package var isLiteRTAlone: Bool {
      switch self {
      case .reluN1To1, .relu0To1, .exp, .gelu: true
      default: false
      }
    }

    /// The function as TensorFlow's documents write it.
    package func callAsFunction(_ x: Double) -> Double {
      switch self {
      case .reluN1To1: Swift.min(max(x, -1), 1)
      case .relu0To1: Swift.min(max(x, 0), 1)
      case .tanh: Foundation.tanh(x)
      case .elu: x < 0 ? Foundation.exp(x) - 1 : x
      case .abs: Swift.abs(x)
      case .exp: Foundation.exp(x)
      case .neg: -x
      case .sqrt: max(x, 0).squareRoot()
      case .gelu(false): 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
      case .gelu(true):
        0.5 * x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))))
      case .leakyRelu(let alpha): x < 0 ? Double(alpha) * x : x
      }
    }

    var code: BuiltinOperator {
      switch self {
      case .reluN1To1: .reluN1To1
      case .relu0To1: .relu0To1
      case .tanh: .tanh
      case .elu: .elu
      case .abs: .abs
      case .exp: .exp
      case .neg: .neg
      case .sqrt: .sqrt
      case .gelu: .gelu
      case .leakyRelu: .leakyRelu
      }
    }

    /// The number of the options' table in the schema's union, and its fields.
    var fields: (kind: UInt8, [Int: FlatNode]) {
      switch self {
      case .leakyRelu(let alpha): (75, [0: .float(alpha)])
      case .gelu(let isApproximate): (116, [0: .flag(isApproximate)])
      default: (0, [:])
      }
    }
  }
}
