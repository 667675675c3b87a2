import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Float TensorFlow Lite files as graphs, against LiteRT.
@Suite struct FloatTFLiteTests {
  @Test func everyOperator() throws {
    let oracle = TFLiteOracle.all.float
    let graph = try floatGraph(TFLiteOracle.folder.appending(path: "tflite/float.tflite").path)
    #expect(difference(graph, oracle.input, oracle.litert) < 1e-5)
  }

  /// Passes keep what an imported graph computes.
  @Test func simplifiedIsTheSame() throws {
    let oracle = TFLiteOracle.all.float
    let graph = try floatGraph(TFLiteOracle.folder.appending(path: "tflite/float.tflite").path)
    #expect(difference(graph.simplified(), oracle.input, oracle.litert) < 1e-5)
  }

  @Test(
    .enabled(
      if: Locations.isShared("models/vww-mobilenet-v1-025-96.float.tflite"),
      "\(Locations.absence(of: "models/vww-mobilenet-v1-025-96.float.tflite"))"))
  func vww() throws {
    let path = Locations.shared.appending(path: "models/vww-mobilenet-v1-025-96.float.tflite").path
    let graph = try floatGraph(path)
    #expect(graph.labels == ["no person", "person"])
    #expect(graph.preprocessing.resize == Extent(96, 96))
    #expect(graph.macs == 7_489_664)
    let pixels = (0..<graph.inputShape.count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let image = pixels.map { Float($0) / 255 }
    #expect(difference(graph, image, TFLiteOracle.all.vwwFloat) < 1e-5)
  }

  /// The largest difference between what `graph` gives for `input` and `expected`.
  private func difference(_ graph: Graph, _ input: [Float], _ expected: [Float]) -> Float {
    let reference = FloatReference(graph)
    let output = reference.run(input, in: reference.makeArena())
    guard output.count == expected.count else { return .infinity }
    return zip(output, expected).map { abs($0 - $1) }.max() ?? .infinity
  }
}
