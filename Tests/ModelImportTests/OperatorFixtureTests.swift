import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// A network of one or a few operators with what ONNX Runtime gives for it.
struct OperatorFixture: Decodable, CustomTestStringConvertible, Sendable {
  var name: String
  /// By their names in ONNX; `nil` in files that do not say.
  var operators: [String]?
  var model: Data
  /// Whether its input is above 0; `nil` for no.
  var isPositive: Bool?
  /// Of the output, in ONNX's order of axes.
  var shape: [Int]
  var output: [Float]
  var testDescription: String { name }

  /// The cases of a file among the fixtures.
  static func all(in file: String) throws -> [OperatorFixture] {
    struct File: Decodable { var cases: [OperatorFixture] }
    let bytes = try Data(contentsOf: Locations.fixtures.appending(path: file))
    return try JSONDecoder().decode(File.self, from: bytes).cases
  }

  /// Runs the network as it was imported and as it is simplified.
  ///
  /// - Parameter isImage: Whether the output is an image, with values near 1; else the tolerance, 2e-5,
  ///   is of the largest value where that is above 1.
  func check(isImage: Bool) throws {
    let imported = try ModelImporter.load(bytes: model, name: "operator")
    guard case .float(let graph) = imported else { throw NotAFloatGraph() }
    let depth = shape.count == 4 ? shape[1] : 1
    let most = isImage ? 1 : output.map { abs($0) }.max() ?? 0
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(input(of: graph.inputShape), in: reference.makeArena())
      if isImage { #expect(network.outputShape.dimensions.last == depth) }
      try #require(found.count == output.count)
      for (index, value) in found.enumerated() {
        let (pixel, c) = index.quotientAndRemainder(dividingBy: depth)
        let expected = output[c * (found.count / depth) + pixel]
        #expect(abs(value - expected) <= 2e-5 * max(1, most))
      }
    }
  }

  /// Of an image NHWC of numbers that are there in NCHW.
  private func input(of shape: Shape) -> [Float] {
    let channels = shape.rank == 4 ? shape.channels : 1
    return (0..<shape.count).map { index -> Float in
      let (pixel, c) = index.quotientAndRemainder(dividingBy: channels)
      let number = Float((c * (shape.count / channels) + pixel) * 37 % 64 - 32) / 16
      return isPositive == true ? abs(number) + 0.5 : number
    }
  }
}

/// Reductions, arithmetic, pools, paddings and matrices in every form that exporters write, against
/// ONNX Runtime's outputs; `Fixtures/make_operator_fixtures.py` made both.
@Suite struct OperatorFixtureTests {
  static let cases = Result { try OperatorFixture.all(in: "operators.json") }

  /// All that the cases are networks of.
  static func operators() throws -> Set<String> {
    Set(try cases.get().flatMap { try #require($0.operators) })
  }

  @Test func thereAreMany() throws { #expect(try Self.cases.get().count > 350) }

  @Test(arguments: (try? cases.get()) ?? [])
  func outputIsONNXRuntimes(_ fixture: OperatorFixture) throws { try fixture.check(isImage: false) }
}

/// Resize, Upsample and ConvTranspose in every mode that exporters write, against ONNX Runtime's
/// outputs; `Fixtures/make_image_fixtures.py` made both.
@Suite struct ImageFixtureTests {
  static let cases = Result { try OperatorFixture.all(in: "images.json") }

  @Test func thereAreMany() throws { #expect(try Self.cases.get().count > 50) }

  @Test(arguments: (try? cases.get()) ?? [])
  func outputIsONNXRuntimes(_ fixture: OperatorFixture) throws { try fixture.check(isImage: true) }
}
