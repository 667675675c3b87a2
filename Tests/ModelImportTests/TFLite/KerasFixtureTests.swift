import Engines
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Files that Keras' converter really wrote, against LiteRT's outputs;
/// `Fixtures/make_keras_fixtures.py` made both.
@Suite struct KerasFixtureTests {
  struct Case: Decodable, CustomTestStringConvertible, Sendable {
    var name: String
    /// float, float16, dynamic or int8.
    var kind: String
    var model: Data
    /// Codes; empty for real numbers.
    var input: [Float]
    var output: [Float]
    var testDescription: String { name }
  }

  private struct File: Decodable {
    var cases: [Case]
  }

  static let cases = Result {
    let file = Locations.fixtures.appending(path: "keras.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases
  }

  @Test func thereAreAllKinds() throws {
    let cases = try Self.cases.get()
    #expect(cases.count > 100)
    #expect(Set(cases.map(\.kind)) == ["float", "float16", "dynamic", "int8"])
  }

  /// Float files give LiteRT's values. Those of a dynamic range are computed with real activations
  /// here, which LiteRT rounds to 8 bits.
  @Test(arguments: (try? cases.get())?.filter { $0.kind != "int8" } ?? [])
  func floatOutput(_ fixture: Case) throws {
    let imported = try ModelImporter.load(bytes: fixture.model, name: "keras")
    guard case .float(let graph) = imported else { throw NotAFloatGraph() }
    let input = (0..<graph.inputShape.count).map { Float($0 * 37 % 64 - 32) / 16 }
    let most = fixture.output.map { abs($0) }.max() ?? 0
    let bound = max(1, most) * (fixture.kind == "dynamic" ? 3e-2 : 2e-5)
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(input, in: reference.makeArena())
      try #require(found.count == fixture.output.count)
      for (value, expected) in zip(found, fixture.output) {
        #expect(abs(value - expected) <= bound)
      }
    }
  }

  /// Int8 files give LiteRT's bytes; sums, which it computes in floats, to one code.
  @Test(arguments: (try? cases.get())?.filter { $0.kind == "int8" } ?? [])
  func int8Output(_ fixture: Case) throws {
    let model = try int8Model(fixture.model, name: "keras")
    let found = BoundModel.plain(model).run(fixture.input.map { Int8($0) })
    try #require(found.count == fixture.output.count)
    let bound: Float = fixture.name.hasPrefix("sum") ? 1 : 0
    for (value, expected) in zip(found, fixture.output) {
      #expect(abs(Float(value) - expected) <= bound)
    }
  }
}
