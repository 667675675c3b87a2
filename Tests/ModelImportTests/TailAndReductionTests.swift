import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import ONNXSchema
import Tensors
import TestSupport
import Testing

/// What ends a network, what makes one value of many, and arithmetic on sizes.
@Suite struct TailAndReductionTests {
  private typealias Make = ModelFixture

  /// `[1, 2, 4, 4]`: channels of 0 to 15 and of 0, -1 to -15, as NHWC.
  private static let image = (0..<16).flatMap { [Float($0), -Float($0)] }

  private func graph(
    _ nodes: [Onnx_NodeProto], _ initializers: [Onnx_TensorProto] = [], opset: Int64 = 17
  ) throws -> Graph {
    var model = Make.model(nodes: nodes, initializers: initializers)
    model.opsetImport[0].version = opset
    return try ONNXFile(model: model).graph(name: "g")
  }

  private func run(_ graph: Graph) -> [Float] {
    let reference = FloatReference(graph)
    return reference.run(Self.image, in: reference.makeArena())
  }

  @Test func reductions() throws {
    let axes = Make.integers("axes", [2, 3])
    #expect(try run(graph([Make.node("GlobalMaxPool")])) == [15, 0])
    #expect(try run(graph([Make.node("ReduceMax", ["x", "axes"])], [axes], opset: 18)) == [15, 0])
    #expect(try run(graph([Make.node("ReduceSum", ["x", "axes"])], [axes])) == [120, -120])
    #expect(
      try run(graph([Make.node("ReduceMean", ["x", "axes"])], [axes], opset: 18)) == [7.5, -7.5])
    let rows = Make.integers("axes", [2])
    let means = try run(graph([Make.node("ReduceMean", ["x", "axes"])], [rows], opset: 18))
    #expect(means == [6, -6, 7, -7, 8, -8, 9, -9])
    let most = try run(graph([Make.node("ReduceMax", ["x", "axes"])], [rows], opset: 18))
    #expect(most == [12, 0, 13, -1, 14, -2, 15, -3])
    let channels = Make.integers("axes", [1])
    let sums = try run(graph([Make.node("ReduceSum", ["x", "axes"])], [channels]))
    #expect(sums == [Float](repeating: 0, count: 16))
  }

  @Test func logarithmsOfSoftmaxAreLeftToTheCaller() throws {
    let graph = try graph([
      Make.node("LogSoftmax", ["x"], [Make.attribute("axis", Int64(1))])
    ])
    let found = run(graph)
    for pixel in 0..<16 {
      let (a, b) = (Double(pixel), -Double(pixel))
      let sum = log(exp(a) + exp(b))
      #expect(abs(Double(found[2 * pixel]) - (a - sum)) < 1e-5)
      #expect(abs(Double(found[2 * pixel + 1]) - (b - sum)) < 1e-5)
    }
    let without = graph.withoutLogarithms
    #expect(without.nodes.isEmpty && without.outputs == without.inputs)
    #expect(without.callerSteps == [CallerStep(.logSoftmax, output: "n")])
  }

  @Test func decisionsAreLeftToTheCaller() throws {
    let graph = try graph([
      Make.node("Relu", output: "r"),
      Make.node("ArgMax", ["r"], [Make.attribute("axis", Int64(1))], output: "a"),
      Make.node("Cast", ["a"], [Make.attribute("to", Int64(6))]),
    ])
    #expect(graph.callerSteps == [CallerStep(.argMax, output: "y")])
    #expect(run(graph) == Self.image.map { max($0, 0) })
    // Somebody else reads what it gives: it is no tail.
    #expect(throws: ImportError.self) {
      try self.graph([
        Make.node("ArgMax", ["x"], [Make.attribute("axis", Int64(1))], output: "a"),
        Make.node("Relu", ["a"]),
      ])
    }
  }

  @Test func sizesAreCarriedOut() throws {
    let graph = try graph(
      [
        Make.node("Shape", output: "s"), Make.node("Mul", ["s", "two"], output: "m"),
        Make.node("Div", ["m", "two"], output: "d"),
        Make.node("Equal", ["d", "four"], output: "e"),
        Make.node("Where", ["e", "d", "one"], output: "w"),
        Make.node("Slice", ["w", "from", "to"], output: "f"),
        Make.node("Min", ["f", "limit"], output: "n"),
        Make.node("ReduceProd", ["n"], [Make.attribute("keepdims", Int64(1))], output: "p"),
        Make.node("Concat", ["one", "two", "p"], [Make.attribute("axis", Int64(0))], output: "c"),
        Make.node("Reshape", ["x", "c"], output: "rows"),
        Make.node("Reshape", ["rows", "s"]),
      ],
      [
        Make.integers("two", [2]), Make.integers("four", [4]), Make.integers("one", [1]),
        Make.integers("from", [2]), Make.integers("to", [4]), Make.integers("limit", [100]),
      ])
    #expect(graph.nodes.isEmpty && graph.outputShape == [1, 4, 4, 2])
  }

  @Test(arguments: [
    ("Div", [Int64(1)], [Int64(0)]), ("Mod", [1], [0]), ("Mul", [.max], [2]), ("Add", [.max], [1]),
    ("Sub", [.min], [1]), ("Div", [.min], [-1]),
  ])
  func arithmeticThatHasNoResultIsRefused(_ name: String, _ a: [Int64], _ b: [Int64]) {
    let error = #expect(throws: ImportError.self) {
      try graph(
        [Make.node(name, ["a", "b"], output: "c"), Make.node("Reshape", ["x", "c"])],
        [Make.integers("a", a), Make.integers("b", b)])
    }
    #expect(error?.description.contains("integers with a result of 64 bits") == true)
  }

  @Test func batchesAndOpenSizes() throws {
    var model = Make.model(
      nodes: [Make.node("Reshape", ["x", "s"], output: "r"), Make.node("Relu", ["r"])],
      initializers: [Make.integers("s", [8, 2, 4, 4])], input: [8, 2, 4, 4])
    #expect(try ONNXFile(model: model).graph(name: "g").inputShape == [1, 4, 4, 2])
    model.graph.node = [Make.node("Relu")]
    for axis in 2...3 {
      model.graph.input[0].type.tensorType.shape.dim[axis] = .init()
      model.graph.input[0].type.tensorType.shape.dim[axis].dimParam = "side"
    }
    let error = #expect(throws: ImportError.self) { try ONNXFile(model: model).graph(name: "g") }
    #expect(error?.description.contains("--input-shape") == true)
    for spelling in ["8,2,6,5", "x=1,2,6,5"] {
      let shapes = try #require(InputShapes([spelling]))
      let graph = try ONNXFile(model: model).graph(name: "g", inputShapes: shapes)
      #expect(graph.inputShape == [1, 6, 5, 2])
    }
    for spelling in ["1,3,6,5", "1,2,6", "z=1,2,6,5"] {
      let shapes = try #require(InputShapes([spelling]))
      #expect(throws: ImportError.self) {
        try ONNXFile(model: model).graph(name: "g", inputShapes: shapes)
      }
    }
    for spelling in ["", "1,,3", "0,3", "x=", "-1,3"] { #expect(InputShapes([spelling]) == nil) }
  }

  @Test func bytesBecomePreprocessing() throws {
    var model = Make.model(
      nodes: [
        Make.node("Cast", ["x"], [Make.attribute("to", Int64(1))], output: "c"),
        Make.node("Sub", ["c", "m"], output: "s"), Make.node("Div", ["s", "d"], output: "q"),
        Make.node("Relu", ["q"]),
      ], initializers: [Make.floats("m", [1, 2, 1, 1], [100, 120]), Make.floats("d", [1], [50])])
    model.graph.input[0].type.tensorType.elemType = 2
    let graph = try ONNXFile(model: model).graph(name: "g")
    #expect(graph.nodes.map(\.operation) == [.activation(.relu)])
    for (channel, mean) in [Float(100), 120].enumerated() {
      for pixel in [UInt8(0), 99, 255] {
        let real = graph.preprocessing.real(pixel, channel: channel)
        #expect(abs(real - (Float(pixel) - mean) / 50) < 1e-5)
      }
    }
  }

  /// Keras computes the batch's size in front of Flatten's RESHAPE.
  @Test(
    .enabled(if: Locations.isShared("zoo"), "\(Locations.absence(of: "zoo"))"),
    arguments: ["keras_lenet_28.tflite", "keras_dscnn_kws.tflite"])
  func sizesOfTensorFlowLite(_ name: String) throws {
    let path = Locations.shared.appending(path: "zoo/\(name)").path
    guard case .float(let graph) = try ModelImporter.load(path: path).model else {
      Issue.record("\(name) is no float network")
      return
    }
    #expect(graph.outputShape.rank == 2 && graph.outputShape.dimensions[0] == 1)
  }
}
