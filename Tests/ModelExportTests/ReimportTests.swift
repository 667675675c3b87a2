import Engines
import Foundation
import ModelExport
import ModelImport
import NetworkGraph
import ONNXSchema
import QuantizedIR
import SwiftProtobuf
import Tensors
import TestSupport
import Testing

/// What the exporters write, read again.
@Suite struct ReimportTests {
  private struct NotInt8: Error {}

  private func reimported(_ model: QuantizedModel) throws -> QuantizedModel {
    let bytes = try TFLiteExporter.file(model, for: .litert)
    let imported = try ModelImporter.load(bytes: Data(bytes), name: model.name)
    guard case .quantized(let read) = imported else { throw NotInt8() }
    return read
  }

  /// The importer is tested against LiteRT; what it finds in the exported file is the layer itself.
  @Test(arguments: ExportedLayer.all) func theLayerIsTheSame(_ row: ExportedLayer) throws {
    let read = try reimported(row.model)
    #expect(read.layers.map(\.operation) == row.model.layers.map(\.operation))
    #expect(read.layers.map(\.weightScales) == row.model.layers.map(\.weightScales))
    for (found, expected) in [
      (read.inputTensor, row.model.inputTensor), (read.outputTensor, row.model.outputTensor),
    ] {
      #expect(found.shape == expected.shape && found.scale == expected.scale)
      #expect(found.zeroPoint == expected.zeroPoint)
    }
    var random = SplitMix64(seed: 3)
    for _ in 0..<3 {
      let codes = random.codes(row.model.inputTensor.shape.count)
      #expect(BoundModel.plain(read).run(codes) == BoundModel.plain(row.model).run(codes))
    }
  }

  /// Equal models give equal bytes.
  @Test(arguments: ExportedLayer.all) func repeatsItsBytes(_ row: ExportedLayer) throws {
    let first = try TFLiteExporter.file(row.model, for: .litert)
    #expect(try TFLiteExporter.file(row.model, for: .litert) == first)
    #expect(try ONNXExporter.file(row.model) == ONNXExporter.file(row.model))
  }

  /// Integers that do not follow from the scales are refused, not written wrong.
  @Test func refusesWhatScalesDoNotTell() throws {
    var model = try #require(ExportedLayer.all.first).model
    guard case .conv2D(var layer) = model.layers[0].operation else { throw NotInt8() }
    layer.multipliers = [1 << 30, (1 << 30) + 5000]
    model.layers[0].operation = .conv2D(layer)
    #expect(throws: ExportError.self) { try TFLiteExporter.file(model, for: .litert) }
    layer.multipliers = [1 << 30, 1 << 30]
    layer.clamp = -4...100
    model.layers[0].operation = .conv2D(layer)
    #expect(throws: ExportError.self) { try TFLiteExporter.file(model, for: .litert) }
  }

  /// The function's nodes stand in the graph, in its place.
  @Test(arguments: ExportedLayer.all) func inlinedFilesHaveNoFunctions(_ row: ExportedLayer) throws
  {
    let plain = try Onnx_ModelProto(serializedBytes: ONNXExporter.file(row.model))
    let file = try Onnx_ModelProto(serializedBytes: ONNXExporter.file(row.model, isInlined: true))
    #expect(file.functions.isEmpty && file.opsetImport.map(\.domain) == [""])
    let calls = plain.graph.node.count { !$0.domain.isEmpty }
    #expect(file.graph.node.count == plain.graph.node.count + 10 * calls)
    var known = Set(file.graph.initializer.map(\.name) + file.graph.input.map(\.name))
    for node in file.graph.node {
      #expect(node.domain.isEmpty && known.isSuperset(of: node.input))
      known.formUnion(node.output)
    }
  }

  /// ONNX files come back in as quantized ones.
  @Test func onnxComesBackIn() throws {
    let model = try #require(ExportedLayer.all.first).model
    guard case .conv2D(let layer) = model.layers[0].operation,
      case .float(let graph) = try ModelImporter.load(
        bytes: ONNXExporter.file(model), name: "again")
    else { throw NotInt8() }
    #expect(graph.isQuantized)
    let weights = graph.nodes.compactMap { node -> [Float]? in
      guard case .conv2D(let float) = node.operation else { return nil }
      let count = float.weights.count / float.weightSteps.count
      return float.weights.indices.map { float.weights[$0] / float.weightSteps[$0 / count] }
    }
    #expect(weights.map { $0.map { Int8($0.rounded()) } } == [layer.weights.values])
  }

  /// ONNX keeps the same weights, input channels first.
  @Test func onnxHoldsTheWeights() throws {
    let model = try #require(ExportedLayer.all.first).model
    guard case .conv2D(let layer) = model.layers[0].operation else { throw NotInt8() }
    let file = try Onnx_ModelProto(serializedBytes: ONNXExporter.file(model))
    #expect(file.graph.input.map(\.name) == ["input"])
    #expect(file.graph.node.contains { $0.opType == "Conv" })
    // [output][y][x][input] to [output][input][y][x].
    let expected = (0..<2).flatMap { o in
      (0..<2).flatMap { i in (0..<9).map { tap in layer.weights[(o * 9 + tap) * 2 + i] } }
    }
    let holders = file.graph.initializer.filter {
      $0.rawData.map { Int8(bitPattern: $0) } == expected
        || $0.int32Data.map(Int8.init(truncatingIfNeeded:)) == expected
    }
    #expect(holders.count == 1)
    #expect(holders.first?.dims == [2, 2, 3, 3])
  }
}
