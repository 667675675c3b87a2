import Foundation
import ModelImport
import NetworkGraph
import ONNXSchema
import Testing

/// What cannot be imported says what, where, expected and found.
@Suite struct RefusalTests {
  private typealias Make = ModelFixture

  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var model: Onnx_ModelProto
    /// The start of the sentence.
    var sentence: String

    init(_ name: String, _ model: Onnx_ModelProto, _ sentence: String) {
      (testDescription, self.model, self.sentence) = (name, model, sentence)
    }

    /// One node `n`.
    init(_ node: Onnx_NodeProto, _ initializers: [Onnx_TensorProto], _ sentence: String) {
      self.init(
        "\(node.opType): \(sentence)",
        ModelFixture.model(nodes: [node], initializers: initializers),
        "node 'n' (\(node.opType)): \(sentence)")
    }
  }

  @Test(arguments: nodes + hostileNodes + graphs + swollen)
  func sentence(_ refusal: Case) {
    let error = #expect(throws: ImportError.self) {
      try ONNXFile(model: refusal.model).graph(name: "g")
    }
    let found = error?.description ?? "nothing"
    #expect(found.hasPrefix(refusal.sentence), "\(found)")
  }

  static let weights = Make.floats("w", [2, 2, 3, 3])

  static let nodes: [Case] = [
    Case(
      Make.node("Shrink"), [], "this operator is not supported; put another activation in its place"
    ),
    Case(
      Make.node("Relu", ["x"], [Make.attribute("slope", Float(1))]), [],
      "attribute 'slope' is not supported"),
    Case(
      Make.node("Relu", ["z"]), [],
      "its input 'z' is neither a constant nor written by a node before it"),
    Case(Make.node("Relu", ["y"]), [], "its input 'y' is neither a constant nor written by a node"),
    Case(Make.node("Relu", []), [], "expected 1 inputs, found 0"),
    Case(Make.node("Conv", ["x"]), [], "expected 2 inputs, found 1"),
    Case(
      Make.node("Conv", ["x", "x"]), [], "its input 'x' is computed; only a constant is supported"),
    Case(
      Make.node("GlobalAveragePool", ["w"]), [weights],
      "its input 'w' is a constant; expected a computed"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("dilations", [1, 2, 3])]), [weights],
      "attribute 'dilations': [1, 2, 3] is not supported; only two numbers in 1...65536"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("group", Int64(2))]), [weights],
      "constant 'w': expected weights for 2 input channels in 2 groups, found sizes [2, 2, 3, 3]"),
    Case(
      Make.node("Conv", ["x", "w", "b"]), [weights, Make.floats("b", [3])],
      "constant 'b': expected 2 biases, found sizes [3]"),
    Case(
      Make.node("Conv", ["x", "w"]), [Make.floats("w", [1, 2, 5, 5])],
      "a 5x5 kernel does not fit once into the padded input 1x4x4x2"),
    Case(
      Make.node("Conv", ["x", "w"]),
      [Make.floats("w", [1, 2, 1, 1], [1, .nan])],
      "tensor 'w': expected finite weights, found nan at index 1; the training diverged"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("auto_pad", "SOME")]), [weights],
      "attribute 'auto_pad': SOME is not supported; only NOTSET, VALID, SAME_UPPER"),
    Case(
      Make.node("HardSigmoid", ["x"], [Make.attribute("alpha", Float.infinity)]), [],
      "attribute 'alpha, beta': inf, 0.5 is not supported; only finite numbers"),
    Case(
      Make.node("Div", ["x", "w"]), [Make.floats("w", [], [0])],
      "constant 'w': division by 0 is not supported"),
    Case(
      Make.node("Softmax", ["x"], [Make.attribute("axis", Int64(4))]), [],
      "attribute 'axis': 4 is not supported; only an axis of 4"),
    Case(
      Make.node("Einsum", ["x"], [Make.attribute("equation", "bccd->b")]), [],
      "attribute 'equation': bccd->b is not supported; only a letter for each axis"),
    Case(
      Make.node("Einsum", ["x"], [Make.attribute("equation", "b...->b")]), [],
      "attribute 'equation': b...->b is not supported; only a letter for each axis"),
    Case(
      Make.node("Einsum", ["x", "x"], [Make.attribute("equation", "bcij,bcjk->bcik")]), [],
      "this operator is not supported; recurrent networks and attention"),
    Case(
      Make.node("MatMul", ["x", "x"]), [],
      "this operator is not supported; recurrent networks and attention"),
    Case(
      Make.node("Pad", ["x", "s"]), [Make.integers("s", [1, 0, 0, 0, 0, 0, 0, 1])],
      "its input's axes are [1, C, H, W], padded by"),
    Case(
      Make.node("Expand", ["x", "s"]), [Make.integers("s", [1 << 40, 2, 4, 4])],
      "its output of sizes [1099511627776, 2, 4, 4] has more than 268435456 values"),
    Case(
      Make.node("Expand", ["x", "s"]), [Make.integers("s", [1, 3, 4, 4])],
      "expected sizes that meet [1, 2, 4, 4], found an input of sizes [1, 3, 4, 4]"),
    Case(
      Make.node("Expand", ["x", "s"]), [Make.integers("s", [0, 2, 4, 4])],
      "its output of sizes [0, 2, 4, 4] has more than 268435456 values"),
    Case(
      Make.node("Tile", ["x", "s"]), [Make.integers("s", [1, .max, 4, 4])],
      "attribute 'repeats': [1, 9223372036854775807, 4, 4] is not supported"),
    Case(
      Make.node("Tile", ["x", "s"]), [Make.integers("s", [1, 1 << 20, 1 << 20, 4])],
      "its output of sizes [1, 2097152, 4194304, 16] has more than 268435456 values"),
    Case(
      Make.node("ReduceL2", ["x"], [Make.attribute("axes", [1, -3])]), [],
      "attribute 'axes': [1, -3] is not supported; only each axis once"),
    Case(
      Make.node("LpNormalization", ["x"], [Make.attribute("p", Int64(3))]), [],
      "attribute 'p': 3 is not supported; only 1 and 2"),
    Case(
      Make.node("Pow", ["w", "x"]), [Make.floats("w", [], [-2])],
      "constant 'w': [-2.0] is not supported; only one number above 0"),
    Case(
      Make.node("Pad", ["x", "s", "", "a"]),
      [Make.integers("s", [1, 2, 3, 4]), Make.integers("a", [3, -1])],
      "attribute 'axes': [3, -1] is not supported; only each axis once"),
    Case(
      Make.node("BatchNormalization", ["x", "w", "w", "w", "v"]),
      [Make.floats("w", [2]), Make.floats("v", [2], [1, -1])],
      "attribute 'epsilon': 1e-05 is not supported; only a number that makes every variance"),
    Case(
      Make.node("Gather", ["x", "i"], [Make.attribute("axis", Int64(1))]),
      [Make.integers("i", [2])], "attribute 'axis': 2 is not supported; only an axis of 2"),
    Case(
      Make.node("Slice", ["x", "i", "i"]), [Make.integers("i", [0])],
      "expected a slice of at least one value"),
    Case(
      Make.node(
        "Split", ["x"], [Make.attribute("axis", Int64(1)), Make.attribute("split", [2, 1])]),
      [], "attribute 'split': [2, 1] is not supported; only sizes that are together 2"),
    Case(
      Make.node("DepthToSpace", ["x"], [Make.attribute("blocksize", Int64(2))]), [],
      "expected channels in blocks of 4, found an input of sizes [1, 2, 4, 4]"),
    Case(
      Make.node("SpaceToDepth", ["x"], [Make.attribute("blocksize", Int64(3))]), [],
      "expected height and width in blocks of 3, found an input of sizes [1, 2, 4, 4]"),
    Case(
      Make.node("Transpose", ["x"], [Make.attribute("perm", [0, 1, 1, 3])]), [],
      "attribute 'perm': [0, 1, 1, 3] is not supported; only each axis of 4 once"),
    Case(
      Make.node("Gemm", ["x", "w"]), [Make.floats("w", [32, 3])],
      "constant 'w': expected 4 inputs for each output, found sizes [3, 32]"),
  ]

  /// Numbers that overflow where they are not checked.
  static let hostileNodes: [Case] = [
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("pads", [.max, .max, 0, 0])]), [weights],
      "attribute 'pads': [9223372036854775807, 9223372036854775807, 0, 0] is not supported"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("strides", [0, 0])]), [weights],
      "attribute 'strides': [0, 0] is not supported"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("group", .min)]), [weights],
      "constant 'w': expected weights for 2 input channels in -9223372036854775808 groups"),
    Case(
      Make.node("Conv", ["x", "w"], [Make.attribute("group", Int64(0))]), [weights],
      "constant 'w': expected weights for 2 input channels in 0 groups"),
    Case(
      Make.node("Pad", ["x", "s"]), [Make.integers("s", [0, 0, 0, 0, 0, 0, 65536, 65536])],
      "its output of sizes [1, 65540, 65540, 2] has more than 268435456 values"),
    Case(
      Make.node("Reshape", ["x", "s"]), [Make.integers("s", [.max, .max, -1])],
      "expected as many values as [9223372036854775807, 9223372036854775807, -1]"),
    Case(
      Make.node("Reshape", ["x", "s"]), [Make.integers("s", [-1, -1])],
      "expected as many values as [-1, -1], found an input of sizes [1, 2, 4, 4]"),
    Case(
      Make.node("Flatten", ["x"], [Make.attribute("axis", .min)]), [],
      "attribute 'axis': -9223372036854775808 is not supported; only an axis of 4"),
    Case(
      Make.node("ConstantOfShape", ["s"]), [Make.integers("s", [1 << 40])],
      "its output of sizes [1099511627776] has more than 256 values"),
  ]

  static let graphs: [Case] = [
    Case(
      "a cycle",
      Make.model(nodes: [
        Make.node("Add", ["x", "b"], output: "a"), Make.node("Relu", ["a"], output: "b"),
        Make.node("Relu", ["b"]),
      ]),
      "node 'a' (Add): its input 'b' is neither a constant nor written by a node before it"),
    Case(
      "two nodes with one output",
      Make.model(nodes: [Make.node("Relu"), Make.node("Relu")]),
      "node 'n' (Relu): its output 'y' is written by another node too"),
    Case(
      "no output", Make.model(nodes: [Make.node("Relu", output: "z")]),
      "expected one output that a node computes, found 0"),
    Case(
      "two inputs of one name", changed { $0.graph.input.append(ModelFixture.value("x", [1, 2])) },
      "input 'x': expected a name of its own, found two inputs"),
    Case(
      "two outputs of one name", changed { $0.graph.output.append(ModelFixture.value("y", [])) },
      "expected one output, found 2 (y, y)"),
    Case(
      "an input without sizes",
      Make.model(nodes: [Make.node("Relu")], input: [3]),
      "input 'x': expected one image of fixed sizes, as [1, 3, 224, 224], or one vector, as [1, 10]; "
        + "say sizes that the file leaves open with --input-shape, as 1,3,224,224, found [3]"),
    Case(
      "a batch of less than nothing",
      Make.model(nodes: [Make.node("Relu")], input: [-8, 3, 4, 4]),
      "input 'x': expected one image of fixed sizes, as [1, 3, 224, 224], or one vector, as [1, 10]; "
        + "say sizes that the file leaves open with --input-shape, as 1,3,224,224, found "
        + "[-8, 3, 4, 4]"),
    Case(
      "an input of negative size",
      Make.model(nodes: [Make.node("Relu")], input: [1, 3, -4, .max]),
      "input 'x': expected one image of fixed sizes"),
    Case(
      "strings as input", changed { $0.graph.input[0].type.tensorType.elemType = 8 },
      "input 'x': expected element type float, float16, double, uint8 or another integer, found "
        + "element type string"),
    Case(
      "an old operator set", changed { $0.opsetImport[0].version = 6 },
      "expected operator set 7 or newer, found 6; export with opset 17"),
    Case(
      "another domain", changed { $0.graph.node[0].domain = "com.microsoft" },
      "node 'n' (Relu): this operator is not supported"),
    Case(
      "too little data", tensor { $0.floatData.removeLast() },
      "tensor 'w': expected 4 values, found 3; the file is damaged"),
    Case(
      "too few raw bytes", tensor { $0.rawData = Data(count: 15) },
      "tensor 'w': expected 16 bytes, found 15; the file is damaged"),
    Case(
      "sizes that overflow", tensor { $0.dims = [.max, .max] },
      "tensor 'w': a tensor of sizes [9223372036854775807, 9223372036854775807] cannot be"),
    Case(
      "bytes that overflow", tensor { ($0.dims, $0.rawData) = ([.max], Data()) },
      "tensor 'w': expected"),
    Case(
      "a negative size", tensor { $0.dims = [-1, -4] },
      "tensor 'w': a tensor of sizes [-1, -4] cannot be"),
    Case(
      "strings", tensor { $0.dataType = 8 },
      "tensor 'w': element type string is not supported; only float, uint8, int8, uint16, int16"),
    Case(
      "a file outside the folder", external("../secret"),
      "tensor 'w': its values are in another file, '../secret': expected a file beside the model"),
    Case(
      "no preprocessing of this kind", metadata("preprocessing.mean", "0.5, x"),
      "metadata 'preprocessing.mean': expected 2 numbers, one for each channel, with commas, found"),
    Case(
      "division by 0", metadata("preprocessing.std", "1,0"),
      "metadata 'preprocessing.std': expected numbers other than 0, found '1,0'"),
    Case(
      "a crop of nothing", metadata("preprocessing.crop", "0"),
      "metadata 'preprocessing.crop': expected a number of pixels in 1...65536, or two with a comma, "
        + "found '0'"),
  ]

  /// Few bytes that would take much memory.
  static let swollen: [Case] = [
    Case(
      "a number over many channels, often",
      Make.model(
        nodes: (0..<40).map {
          Make.node("Add", [$0 == 0 ? "x" : "t\($0 - 1)", "c"], output: "t\($0)")
        },
        initializers: [Make.floats("c", [], [1])], input: [1, 65536, 1, 1]),
      "node 't32' (Add): with it the nodes hold 4325376 constant values, and for what is in the file "
        + "4194305 are the most"),
    Case(
      "a kernel for many nodes",
      Make.model(
        nodes: (0..<400).map { Make.node("Conv", ["x", "w"], output: "t\($0)") },
        initializers: [Make.floats("w", [4096, 2, 1, 1])]),
      "node 't342' (Conv): with it the nodes hold 4214784 constant values, and for what is in the "
        + "file 4202496 are the most"),
  ]

  private static func changed(_ change: (inout Onnx_ModelProto) -> Void) -> Onnx_ModelProto {
    var model = Make.model(nodes: [Make.node("Relu")])
    change(&model)
    return model
  }

  private static func tensor(_ change: (inout Onnx_TensorProto) -> Void) -> Onnx_ModelProto {
    changed {
      var tensor = Make.floats("w", [4])
      change(&tensor)
      $0.graph.initializer = [tensor]
    }
  }

  private static func metadata(_ key: String, _ value: String) -> Onnx_ModelProto {
    changed {
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = (key, value)
      $0.metadataProps = [entry]
    }
  }

  private static func external(_ location: String) -> Onnx_ModelProto {
    tensor {
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = ("location", location)
      $0.dataLocation = .external
      $0.externalData = [entry]
    }
  }
}
