import FloatReference
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Every operator alone, at odd sizes, against its definition in `Double`.
@Suite struct KernelTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let operation: Operator
    let inputs: [Shape]
    var testDescription: String { name }
  }

  @Test(arguments: Case.all)
  func equalsItsDefinition(_ layer: Case) throws {
    var graph = Graph(name: layer.name, preprocessing: .unit(channels: layer.inputs[0].channels))
    let input = graph.addTensor("input", layer.inputs[0])
    // Other operands are made of the first by matrices, for a graph has one input.
    var tensors = [input]
    var random = SplitMix64(seed: 5)
    for (number, shape) in layer.inputs.enumerated().dropFirst() {
      let (from, to) = (layer.inputs[0].count, shape.count)
      let matrix = Operator.FullyConnected(
        weights: random.floats(from * to), bias: random.floats(to), inputCount: from,
        outputCount: to)
      let flat = try graph.add("flat \(number)", .fullyConnected(matrix), input)
      tensors.append(try graph.add("operand \(number)", .reshape(shape), flat))
    }
    graph.output = try graph.add("layer", layer.operation, inputs: tensors)
    let reference = FloatReference(graph)
    let arena = reference.makeArena()

    let values = random.floats(layer.inputs[0].count)
    let activations = reference.activations(values, in: arena)
    let expected = layer.operation.plain(
      tensors.map { activations[$0].map(Double.init) }, layer.inputs, graph.outputShape)

    #expect(reference.run(values, in: arena) == activations[graph.output])
    let scale = expected.reduce(1) { max($0, abs($1)) }
    let wrong = expected.indices.first {
      abs(Double(activations[graph.output][$0]) - expected[$0]) > 1e-5 * scale
    }
    #expect(wrong == nil)
    #expect(expected.count == activations[graph.output].count)
  }

  @Test func caseForEveryOperator() {
    let named = Set(Case.all.map(\.operation.name))
    let known =
      Activation.allCases.map(\.description) + [
        "prelu", "conv2D", "depthwiseConv2D", "fullyConnected", "batchNormalization", "add",
        "multiply", "averagePool", "maxPool", "globalAveragePool", "pad", "reshape", "concatenate",
        "rearrange", "softmax", "logSoftmax", "resize", "transposedConv2D", "fakeQuantize",
      ]
    #expect(named == Set(known))
  }
}

extension SplitMix64 {
  /// `count` values in -2 ... 2.
  mutating func floats(_ count: Int) -> [Float] { floats(count, in: -2...2) }
}
