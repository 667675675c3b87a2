import Foundation
import TestSupport
import Testing

/// A network as torchvision, timm or Keras builds it; see `Tests/Oracles/make_torch_mobilenets.py`.
struct OracleCase: Decodable, Sendable, CustomTestStringConvertible {
  /// The spelling.
  var architecture: String
  /// Trained numbers in all.
  var parameters: Int
  /// By name, the convolutions and matrices.
  var layers: [String: Layer]
  /// For the input and weights of the generator, seed 1; `nil` where only the table is known.
  var logits: [Float]?
  /// The shapes of all weights by name.
  var weights: [String: [Int]]?

  var testDescription: String { architecture }

  struct Layer: Decodable {
    var shape: [Int]
    var parameters: Int
    var macs: Int

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      shape = try values.decode([Int].self)
      parameters = try values.decode(Int.self)
      macs = try values.decode(Int.self)
    }
  }

  private struct File: Decodable {
    var cases: [OracleCase]
  }

  static let all: [OracleCase] = ["torch", "timm", "keras"].flatMap { (framework) -> [OracleCase] in
    let url = Locations.tests.appending(path: "Oracles/mobilenets-\(framework).json")
    guard let data = try? Data(contentsOf: url),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { preconditionFailure("\(url.path()) is missing or damaged") }
    return file.cases
  }

  static let withWeights = all.filter { $0.weights != nil }
}
