import Foundation
import TestSupport

/// A model's accuracy as committed, which `models` lists for bundled ones, and what it never may
/// fall short of.
struct Baseline: Codable, CustomStringConvertible, Sendable {
  let model: String
  let dataset: String
  let images: Int
  let floatTop1: Double
  let deltaTop1Points: Double
  let agreement: Double
  let outputSQNRdB: Double
  let largestDropPoints: Double
  let leastAgreement: Double
  let leastSQNRdB: Double

  var description: String { model }

  /// The baselines on one data set; a damaged file is a test that fails.
  static func all(of dataset: String) -> [Baseline] {
    let file = Locations.models.appending(path: "Baselines.json")
    guard let bytes = try? Data(contentsOf: file),
      let baselines = try? JSONDecoder().decode([Baseline].self, from: bytes)
    else { preconditionFailure("\(file.path) cannot be read") }
    return baselines.filter { $0.dataset == dataset }
  }
}
