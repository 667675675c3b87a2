import Engines
import Foundation
import ModelImport
import QuantizedIR
import TestSupport
import Testing

/// FULLY_CONNECTED whose int8 weights have a zero point gives LiteRT's bytes;
/// `Tests/Oracles/make_zero_point_oracles.py` wrote the cases.
@Suite struct WeightZeroPointTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let zeroPoint: Int
    let input: [Int8]
    let litert: [Int8]

    var testDescription: String { "\(name): \(zeroPoint)" }
  }

  static let cases = Result {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: TFLiteOracle.folder.appending(path: "zero-points.json")))
  }

  @Test func everyCaseIsThere() throws { #expect(try Self.cases.get().count == 12) }

  @Test(arguments: (try? cases.get()) ?? []) func isExact(_ row: Case) throws {
    let path = TFLiteOracle.folder.appending(path: "tflite/\(row.name).tflite")
    let model = try int8Model(Data(contentsOf: path), name: row.name)
    #expect(BoundModel.plain(model).run(row.input) == row.litert)
    var host = BoundModel.host(model).makeArena()
    #expect(host.run(row.input) == row.litert)
    #expect(try QuantizedModel(fileBytes: model.fileBytes()) == model)
    #expect(MemoryPlan(model).fault(in: model) == nil)
  }
}
