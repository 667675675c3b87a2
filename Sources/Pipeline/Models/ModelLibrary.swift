internal import Files
internal import Foundation

/// The float models that come with the tool.
package struct ModelLibrary: Sendable {
  /// In the order of `models.json`.
  package let models: [BundledModel]
  private let folder: String

  private struct Index: Decodable { let models: [BundledModel] }

  /// Finds the models beside the executable, from whatever folder it is called.
  package init() throws(PipelineError) {
    let folder = try PipelineError.naming("Pipeline") {
      try BundledFolder.path(module: "Pipeline")
    }
    let index = try Self.decode(Index.self, "\(folder)/models.json")
    let baselines = try Self.decode([ModelBaseline].self, "\(folder)/Baselines.json")
    models = index.models.map { model in
      var model = model
      model.int8Top1 = baselines.first { $0.model == model.name }?.int8Top1
      let file = URL(filePath: "\(folder)/\(model.file)")
      model.fileBytes = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize
      return model
    }
    self.folder = folder
  }

  private static func decode<Content: Decodable>(
    _: Content.Type, _ file: String
  ) throws(PipelineError) -> Content {
    try PipelineError.naming(file) {
      let bytes = try AtomicFile.read(file)
      do {
        return try JSONDecoder().decode(Content.self, from: bytes)
      } catch {
        throw PipelineError.damaged(
          path: file, words: "\(JSONProblem.words(error)); build the tool again")
      }
    }
  }

  /// The model that commands without `--model` use.
  package var standard: BundledModel? { models.first(where: \.default) }

  /// The model called `name`.
  package subscript(name: String) -> BundledModel? { models.first { $0.name == name } }

  /// Where the model's file lies.
  package func path(of model: BundledModel) -> String { "\(folder)/\(model.file)" }
}

/// A float model that comes with the tool: an entry of `models.json`.
package struct BundledModel: Codable, Hashable, Sendable {
  package let name: String
  /// The file's name in the folder of `models.json`.
  package let file: String
  /// Whether commands without `--model` use it.
  package let `default`: Bool
  /// Of the file, in hexadecimal.
  package let sha256: String
  /// What it was trained on.
  package let dataset: String
  /// NHWC.
  package let inputShape: [Int]
  package let parameters: Int
  package let macs: Int
  /// Share of the data set's test images, measured with ONNX Runtime.
  package let floatTop1: Double
  /// How many test images the shares are of.
  package let testImages: Int
  /// Share after quantization with default options, as `Baselines.json` has it; `nil` where it has
  /// none.
  package var int8Top1: Double?
  /// Length of the file.
  package var fileBytes: Int?
}

/// What int8 costs a bundled model, with default options, as the accuracy tests measure it: an entry
/// of `Baselines.json`.
struct ModelBaseline: Decodable {
  let model: String
  /// Share of the data set's test images.
  let floatTop1: Double
  /// Int8 minus float, in points of a hundred.
  let deltaTop1Points: Double

  /// Share of the data set's test images.
  var int8Top1: Double { ((100 * floatTop1 + deltaTop1Points) * 10_000).rounded() / 1_000_000 }
}

/// Finds what a user may have meant.
enum EditDistance {
  /// The candidate that takes the fewest changes from `word`; `nil` where even that takes more
  /// changes than half of the word has letters.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let ranked = candidates.map { (candidate: $0, distance: between(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      2 * best.distance <= max(word.count, best.candidate.count)
    else { return nil }
    return best.candidate
  }

  /// How many letters to insert, remove or replace (Levenshtein).
  static func between(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
