import FloatReference
import ModelImport
import NetworkGraph
import ONNXSchema
import Testing

/// `min(max(alpha * x + beta, 0), 1)` with any numbers, as an operator and spelled with others.
@Suite struct HardSigmoidTests {
  private typealias Make = ModelFixture

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let alpha: Float
    let beta: Float
    var bound: Float = 1
    let model: Onnx_ModelProto
  }

  static let numbers: [(Float, Float)] = [Float(0.2), 1 / 6, 0.166667, 0.5, -0.3, 0, 1e-3, 3]
    .flatMap {
      alpha in [0.5, 0, 1, -0.2].map { (alpha, $0) }
    }

  static let attributes = numbers.map { alpha, beta in
    Case(
      testDescription: "alpha \(alpha), beta \(beta)", alpha: alpha, beta: beta,
      model: Make.model(nodes: [
        Make.node(
          "HardSigmoid", ["x"], [Make.attribute("alpha", alpha), Make.attribute("beta", beta)])
      ]))
  }

  static let defaults: [Case] = [
    Case(
      testDescription: "no attribute", alpha: 0.2, beta: 0.5,
      model: Make.model(nodes: [Make.node("HardSigmoid")])),
    Case(
      testDescription: "alpha alone", alpha: 0.4, beta: 0.5,
      model: Make.model(nodes: [
        Make.node("HardSigmoid", ["x"], [Make.attribute("alpha", Float(0.4))])
      ])),
    Case(
      testDescription: "beta alone", alpha: 0.2, beta: 0.1,
      model: Make.model(nodes: [
        Make.node("HardSigmoid", ["x"], [Make.attribute("beta", Float(0.1))])
      ])),
  ]

  /// Mul or Div, Add or Sub, and Clip.
  static let spelled = numbers.flatMap { alpha, beta -> [Case] in
    [("Mul", alpha, "Add", beta), ("Mul", alpha, "Sub", -beta), ("Div", 1 / alpha, "Add", beta)]
      .filter { $0.1.isFinite }.map { first, factor, second, offset in
        Case(
          testDescription: "\(first) \(factor), \(second) \(offset), Clip", alpha: alpha,
          beta: beta,
          model: Make.model(
            nodes: [
              Make.node(first, ["x", "a"], output: "scaled"),
              Make.node(second, ["scaled", "b"], output: "moved"),
              Make.node("Clip", ["moved", "low", "high"]),
            ],
            initializers: [
              Make.floats("a", [], [factor]), Make.floats("b", [1], [offset]),
              Make.floats("low", [], [0]), Make.floats("high", [], [1]),
            ]))
      }
  }

  /// Bounds other than 1, as PaddlePaddle has them in front of a division.
  static let bounds: [Case] = [Float(0.5), 2, 5.5, 6, 255, 1e6].map { bound in
    Case(
      testDescription: "0...\(bound)", alpha: 1, beta: 0, bound: bound,
      model: Make.model(
        nodes: [Make.node("Clip", ["x", "low", "high"])],
        initializers: [Make.floats("low", [], [0]), Make.floats("high", [], [bound])]))
  }

  @Test(arguments: attributes + defaults + spelled + bounds) func isTheFormula(_ row: Case) throws {
    let graph = try ONNXFile(model: row.model).graph(name: "g")
    let input = (0..<32).map { Float($0 - 16) * 0.61 }
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let output = reference.run(input, in: reference.makeArena())
      for (x, y) in zip(input, output) {
        let expected = min(max(row.alpha * x + row.beta, 0), row.bound)
        // Alphas next to 1/6 are taken for it.
        let tolerance: Float = abs(row.alpha - 1 / 6) < 1e-4 ? 1e-5 : 2e-6
        #expect(abs(y - expected) <= tolerance * max(1, abs(x)))
      }
    }
  }

  /// The number of outputs decides before operator set 14; names left out do not count.
  @Test(arguments: [7, 8, 9, 13, 14, 15, 17]) func fiveOutputsMeanTraining(_ opset: Int64) throws {
    var node = Make.node("BatchNormalization", ["x", "w", "w", "w", "w"])
    node.output = ["y", "mean", "var", "saved_mean", "saved_var"]
    var model = Make.model(nodes: [node], initializers: [Make.floats("w", [2])])
    model.opsetImport[0].version = opset
    guard opset < 14 else {
      #expect(throws: Never.self) { try ONNXFile(model: model).graph(name: "g") }
      return
    }
    let error = #expect(throws: ImportError.self) { try ONNXFile(model: model).graph(name: "g") }
    #expect(
      error?.description == "node 'n' (BatchNormalization): attribute 'outputs': 5, which mean "
        + "training mode before operator set 14, is not supported; only one, of a network in "
        + "evaluation mode")
    model.graph.node[0].output = ["y", "", "", "", ""]
    #expect(throws: Never.self) { try ONNXFile(model: model).graph(name: "g") }
  }
}
