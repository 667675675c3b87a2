import Engines
import FloatReference
import Foundation
import ModelImport
import QuantizedIR
import TestSupport
import Testing

/// Functions of each value give what LiteRT gives, int8 to the byte;
/// `Tests/Oracles/make_function_oracles.py` wrote the cases.
@Suite struct FunctionTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let input: [Float]
    let codes: [Int8]?
    let reals: [Float]?

    var testDescription: String { name }
    var path: String {
      TFLiteOracle.folder.appending(path: "tflite/function-\(name).tflite").path
    }
  }

  static let cases = Result {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: TFLiteOracle.folder.appending(path: "functions.json")))
  }

  @Test func everyCaseIsThere() throws {
    let cases = try Self.cases.get()
    #expect(cases.count { $0.codes != nil } == 67)
    #expect(cases.count { $0.reals != nil } == 32)
  }

  @Test(arguments: ((try? cases.get()) ?? []).filter { $0.codes != nil })
  func codesAreExact(_ row: Case) throws {
    let model = try int8Model(Data(contentsOf: URL(filePath: row.path)), name: row.name)
    let input = row.input.map { Int8($0) }
    #expect(BoundModel.plain(model).run(input) == row.codes)
    var host = BoundModel.host(model).makeArena()
    #expect(host.run(input) == row.codes)
    #expect(try QuantizedModel(fileBytes: model.fileBytes()) == model)
  }

  @Test(arguments: ((try? cases.get()) ?? []).filter { $0.reals != nil })
  func realsAreClose(_ row: Case) throws {
    let reference = FloatReference(try floatGraph(row.path))
    let found = reference.run(row.input, in: reference.makeArena())
    let wanted = try #require(row.reals)
    #expect(found.count == wanted.count)
    let wrong = zip(found, wanted).contains { abs($0 - $1) > 2e-6 * max(1, abs($1)) }
    #expect(!wrong)
  }
}
