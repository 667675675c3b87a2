import Engines
import Foundation
import LayerCases
import ModelExport
import ModelImport
import ONNXSchema
import QuantizedIR
import SwiftProtobuf
import TestSupport
import Testing

/// Copies of every kind, written and read again: other operators may stand for them, with the same
/// codes at the end.
@Suite struct MovedValuesTests {
  private struct NotInt8: Error {}

  static let rows = LayerCase.all.filter { row in
    row.model.layers.allSatisfy { if case .copy = $0.operation { true } else { false } }
  }

  @Test(arguments: rows) func giveTheSameCodes(_ row: LayerCase) throws {
    // PAD puts real 0 around a tensor, and these rows something else.
    guard !row.name.hasPrefix("pad-") else {
      #expect(throws: ExportError.self) { try TFLiteExporter.file(row.model, for: .litert) }
      return
    }
    let bytes = try TFLiteExporter.file(row.model, for: .litert)
    guard case .quantized(let read) = try ModelImporter.load(bytes: Data(bytes), name: "read")
    else { throw NotInt8() }
    let codes = row.input(seed: 1)
    #expect(BoundModel.plain(read).run(codes) == BoundModel.plain(row.model).run(codes))
  }

  /// ONNX has an operator for each.
  @Test(arguments: rows) func areOperatorsOfONNX(_ row: LayerCase) throws {
    let file = try Onnx_ModelProto(serializedBytes: ONNXExporter.file(row.model))
    let expected: Set = ["Pad", "Transpose", "Slice", "Gather", "Concat", "Reshape"]
    let found = Set(file.graph.node.map(\.opType))
    let staysInPlace = row.name.hasSuffix("identity") || row.name == "copied-constant"
    #expect(staysInPlace || !expected.isDisjoint(with: found))
  }
}
