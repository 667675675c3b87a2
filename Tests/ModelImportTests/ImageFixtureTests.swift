import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Resize, Upsample and ConvTranspose in every mode that exporters write, against ONNX Runtime's
/// outputs; `Fixtures/make_image_fixtures.py` made both.
@Suite struct ImageFixtureTests {
  struct Case: Decodable, CustomTestStringConvertible, Sendable {
    var name: String
    var model: Data
    /// Of the output, in ONNX's order of axes.
    var shape: [Int]
    var output: [Float]
    var testDescription: String { name }
  }

  private struct File: Decodable {
    var cases: [Case]
  }

  static let cases = Result {
    let file = Locations.fixtures.appending(path: "images.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases
  }

  @Test func thereAreMany() throws { #expect(try Self.cases.get().count > 50) }

  @Test(arguments: (try? cases.get()) ?? [])
  func outputIsONNXRuntimes(_ fixture: Case) throws {
    let imported = try ModelImporter.load(bytes: fixture.model, name: "image")
    guard case .float(let graph) = imported else { throw NotAFloatGraph() }
    let shape = graph.inputShape
    // NHWC of numbers that are there in NCHW.
    let input = (0..<shape.count).map { index -> Float in
      let (pixel, c) = index.quotientAndRemainder(dividingBy: shape.channels)
      return Float((c * shape.extent.count + pixel) * 37 % 64 - 32) / 16
    }
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(input, in: reference.makeArena())
      #expect(network.outputShape.dimensions.last == fixture.shape[1])
      try #require(found.count == fixture.output.count)
      let pixels = fixture.shape[2] * fixture.shape[3]
      for (index, value) in found.enumerated() {
        let (pixel, c) = index.quotientAndRemainder(dividingBy: fixture.shape[1])
        #expect(abs(value - fixture.output[c * pixels + pixel]) <= 2e-5)
      }
    }
  }
}
