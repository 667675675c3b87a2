internal import NetworkGraph
internal import Tensors

extension ONNXOperator {
  /// Functions of one value.
  static let functions: [String: ONNXOperator] = [
    "Relu": .function(.relu),
    "HardSwish": .function(.hardSwish),
    "Sigmoid": .function(.logistic),
    "Tanh": .function(.tanh),
    "Erf": .function(.erf),
    "Mish": .function(.mish),
    "Softplus": .function(.softplus),
    "Softsign": .function(.softsign),
    "Abs": .function(.abs),
    "Exp": .function(.exp),
    "Sqrt": .function(.sqrt),
    "Log": .function(.log),
    "Reciprocal": .function(.power(-1)),
    "Floor": .function(.floor),
    "Ceil": .function(.ceil),
    "Round": .function(.round),
    "Sign": .function(.sign),
    "LeakyRelu": .function(["alpha"]) { node throws(NodeProblem) in
      .leakyRelu(try node.finite("alpha", default: 0.01))
    },
    "ThresholdedRelu": .function(["alpha"]) { node throws(NodeProblem) in
      .thresholdedRelu(try node.finite("alpha", default: 1))
    },
    "Elu": .function(["alpha"]) { node throws(NodeProblem) in
      .elu(try node.finite("alpha", default: 1))
    },
    "Selu": .function(["alpha", "gamma"]) { node throws(NodeProblem) in
      .selu(
        alpha: try node.finite("alpha", default: 1.673_263_2),
        gamma: try node.finite("gamma", default: 1.050_701))
    },
    "Celu": .function(["alpha"]) { node throws(NodeProblem) in
      let alpha = try node.finite("alpha", default: 1)
      guard alpha != 0 else { throw .attribute("alpha", found: "0", expected: "another number") }
      return .celu(alpha)
    },
    "Swish": .function(["alpha"]) { node throws(NodeProblem) in
      .swish(try node.finite("alpha", default: 1))
    },
    "Gelu": .function(["approximate"]) { node throws(NodeProblem) in
      switch try node.string("approximate", default: "none") {
      case "none": return .gelu
      case "tanh": return .geluTanh
      case let other:
        throw .attribute("approximate", found: "'\(other)'", expected: "'none' and 'tanh'")
      }
    },
    "PRelu": .init([]) {
      importer, node throws(NodeProblem) in try importer.prelu(node)
    },
    "HardSigmoid": .init(["alpha", "beta"]) {
      importer, node throws(NodeProblem) in try importer.hardSigmoid(node)
    },
    "Clip": .init(["max", "min"]) {
      importer, node throws(NodeProblem) in try importer.clip(node)
    },
  ]

  private static func function(_ activation: Activation) -> ONNXOperator {
    function([]) { _ throws(NodeProblem) in activation }
  }

  private static func function(
    _ attributes: Set<String>,
    _ activation: @escaping @Sendable (ONNXNode) throws(NodeProblem) -> Activation
  ) -> ONNXOperator {
    .init(attributes) { importer, node throws(NodeProblem) in
      try importer.activation(node, try activation(node))
    }
  }
}

extension ONNXNode {
  /// The attribute `name`, a finite number.
  fileprivate func finite(
    _ name: String, default value: Float
  ) throws(NodeProblem) -> Float {
    let number = try float(name) ?? value
    guard number.isFinite else {
      throw .attribute(name, found: "\(number)", expected: "a finite number")
    }
    return number
  }
}
