import Engines
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import PlainNetworks
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Each way in which a TensorFlow Lite file tells a mode gives the value that the operator defines,
/// or is refused; none is overheard.
@Suite struct TFLiteModeTests {
  @Test(arguments: TFLiteMode.int8) func int8(_ mode: TFLiteMode) throws {
    guard let imported = try imported(mode) else { return }
    guard case .quantized(let model) = imported else { throw NotAnInt8Model() }
    var random = SplitMix64(seed: 1)
    let codes = random.codes(model.inputTensor.shape.count)
    let output = mode.sketch.tensors[mode.sketch.output]
    let expected = mode.sketch.evaluated(mode.sketch.nodes[0]) { mode.sketch.reals($0, codes) }
    for (code, real) in zip(BoundModel.plain(model).run(codes), expected.values) {
      let exact = real / Double(output.scales[0]) + Double(output.zeroPoints[0])
      #expect(abs(Double(code) - min(max(exact, -128), 127)) <= 1.5)
    }
  }

  @Test(arguments: TFLiteMode.float) func float(_ mode: TFLiteMode) throws {
    guard let imported = try imported(mode) else { return }
    guard case .float(let graph) = imported else { throw NotAFloatGraph() }
    #expect(graph.outputShape.dimensions == mode.sketch.tensors[mode.sketch.output].shape)
    var random = SplitMix64(seed: 1)
    let values = random.floats(graph.inputShape.count, in: -4...8)
    let expected = mode.sketch.evaluated(mode.sketch.nodes[0]) { index in
      let tensor = mode.sketch.tensors[index]
      if case .float(let own)? = tensor.data {
        return PlainTensor(tensor.shape, own.map(Double.init))
      }
      return PlainTensor(tensor.shape, values.map(Double.init))
    }
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(values, in: reference.makeArena())
      #expect(found.count == expected.values.count)
      for (value, real) in zip(found, expected.values) {
        #expect(abs(Double(value) - real) <= 1e-5 * max(1, abs(real)))
      }
    }
  }

  /// The model; `nil` where it is refused as it must be.
  private func imported(_ mode: TFLiteMode) throws -> ImportedModel? {
    let bytes = Data(mode.sketch.bytes)
    guard case .refused(let sentence) = mode.expected else {
      return try ModelImporter.load(bytes: bytes, name: "mode")
    }
    let error = #expect(throws: ImportError.self) {
      try ModelImporter.load(bytes: bytes, name: "mode")
    }
    let found = error?.description ?? "nothing"
    #expect(found.contains("): \(sentence)"), "\(found)")
    return nil
  }
}
