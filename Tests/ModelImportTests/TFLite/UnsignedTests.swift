import Engines
import Foundation
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Networks of uint8 codes and weights with zero points give LiteRT's codes less 128;
/// `Tests/Oracles/make_uint8_oracles.py` wrote the cases.
@Suite struct UnsignedTests {
  static let cases = Result {
    try JSONDecoder().decode(
      [WeightZeroPointTests.Case].self,
      from: Data(contentsOf: TFLiteOracle.folder.appending(path: "uint8.json")))
  }

  @Test func everyCaseIsThere() throws { #expect(try Self.cases.get().count == 10) }

  @Test(arguments: (try? cases.get()) ?? []) func isExact(_ row: WeightZeroPointTests.Case) throws {
    let path = TFLiteOracle.folder.appending(path: "tflite/\(row.name).tflite")
    let model = try int8Model(Data(contentsOf: path), name: row.name)
    #expect(model.inconsistency() == nil)
    for engine in [BoundModel.plain(model), .host(model)] {
      #expect(engine.run(row.input) == row.litert)
    }
    guard model.inputTensor.shape.rank == 4 else { return }
    let codes = try #require(model.pixelEncoding).encode([UInt8](repeating: 200, count: 12))
    #expect(codes == [Int8](repeating: 72, count: 12))
  }
}
