import FloatReference
import ModelImport
import NetworkGraph
import ONNXSchema
import PlainNetworks
import Tensors
import Testing

/// Each way in which a file tells a mode gives the value that the operator's specification defines,
/// or is refused; none is overheard.
@Suite struct ONNXModeTests {
  static let modes =
    ONNXMode.windows + ONNXMode.values + ONNXMode.shapes + ONNXMode.moves + ONNXMode.images

  @Test(arguments: modes) func isKnown(_ mode: ONNXMode) throws {
    let file = ONNXFile(model: mode.sketch.model)
    if case .unknownOutput = mode.expected {
      let error = #expect(throws: ImportError.self) { try file.graph(name: "g") }
      #expect(error?.description.hasPrefix("expected one output that a node computes") == true)
      return
    }
    if case .refused(let sentence) = mode.expected {
      let error = #expect(throws: ImportError.self) { try file.graph(name: "g") }
      let found = error?.description ?? "nothing"
      let operation = mode.sketch.nodes[mode.sketch.nodes.count - 1].operation
      #expect(found.contains("(\(operation)): \(sentence)"), "\(found)")
      return
    }
    let graph = try file.graph(name: "g")
    var random = SplitMix64(seed: 1)
    for network in [graph, graph.simplified()] {
      let input = (0..<mode.sketch.inputSizes.reduce(1, *)).map { _ in
        Double(Float.random(in: -4...8, using: &random))
      }
      let (most, largest) = network.distance(from: mode.sketch, input)
      #expect(most <= 1e-5 * largest)
    }
  }

  /// Every operator of the network has its rows; those that only compute sizes, and those of codes,
  /// have tests of their own.
  @Test func everyOperatorIsThere() throws {
    let codes = SupportedOperators.onnx.filter { $0.hasPrefix("Q") || $0 == "DequantizeLinear" }
    let sizes: Set = [
      "And", "Cast", "Ceil", "Constant", "ConstantOfShape", "Equal", "Expand", "Floor", "Greater",
      "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mod", "Neg", "Not", "Or", "Range",
      "ReduceProd", "Round", "Shape", "Size", "Where",
      // Of `TailAndReductionTests`.
      "LogSoftmax",
    ]
    let fixtures = try OperatorFixtureTests.operators()
    let found = Set(Self.modes.flatMap { $0.sketch.nodes.map(\.operation) }).union(fixtures)
    #expect(found.union(sizes).union(codes) == Set(SupportedOperators.onnx))
    #expect(Self.modes.count > 900)
  }
}
