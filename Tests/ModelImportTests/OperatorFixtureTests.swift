import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Reductions, arithmetic, pools, paddings and matrices in every form that exporters write, against
/// ONNX Runtime's outputs; `Fixtures/make_operator_fixtures.py` made both.
@Suite struct OperatorFixtureTests {
  struct Case: Decodable, CustomTestStringConvertible, Sendable {
    var name: String
    /// By their names in ONNX.
    var operators: [String]
    var model: Data
    var isPositive: Bool
    /// Of the output, in ONNX's order of axes.
    var shape: [Int]
    var output: [Float]
    var testDescription: String { name }
  }

  private struct File: Decodable {
    var cases: [Case]
  }

  static let cases = Result {
    let file = Locations.fixtures.appending(path: "operators.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases
  }

  /// All that the cases are networks of.
  static func operators() throws -> Set<String> { Set(try cases.get().flatMap(\.operators)) }

  @Test func thereAreMany() throws { #expect(try Self.cases.get().count > 350) }

  @Test(arguments: (try? cases.get()) ?? [])
  func outputIsONNXRuntimes(_ fixture: Case) throws {
    let imported = try ModelImporter.load(bytes: fixture.model, name: "operator")
    guard case .float(let graph) = imported else { throw NotAFloatGraph() }
    let shape = graph.inputShape
    // Of an image NHWC of numbers that are there in NCHW.
    let channels = shape.rank == 4 ? shape.channels : 1
    let input = (0..<shape.count).map { index -> Float in
      let (pixel, c) = index.quotientAndRemainder(dividingBy: channels)
      let number = Float((c * (shape.count / channels) + pixel) * 37 % 64 - 32) / 16
      return fixture.isPositive ? abs(number) + 0.5 : number
    }
    let depth = fixture.shape.count == 4 ? fixture.shape[1] : 1
    let most = fixture.output.map { abs($0) }.max() ?? 0
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(input, in: reference.makeArena())
      try #require(found.count == fixture.output.count)
      for (index, value) in found.enumerated() {
        let (pixel, c) = index.quotientAndRemainder(dividingBy: depth)
        let expected = fixture.output[c * (found.count / depth) + pixel]
        #expect(abs(value - expected) <= 2e-5 * max(1, most))
      }
    }
  }
}
