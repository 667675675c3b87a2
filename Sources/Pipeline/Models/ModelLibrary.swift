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
