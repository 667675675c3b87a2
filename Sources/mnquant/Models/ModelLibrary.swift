internal import Files
internal import Foundation

/// The float models that come with the tool.
struct ModelLibrary {
  /// In the order of `models.json`.
  let models: [BundledModel]
  private let folder: String

  private struct Index: Codable { let models: [BundledModel] }

  /// Finds the models beside the executable, from whatever folder it is called.
  init() throws {
    let folder = try BundledFolder.path(module: "mnquant")
    let index = folder + "/models.json"
    models = try Failure.naming(index) {
      try JSONDecoder().decode(Index.self, from: try AtomicFile.read(index)).models
    }
    self.folder = folder
  }

  /// The model that commands without `--model` use.
  var standard: BundledModel? { models.first(where: \.default) }

  /// The model called `name`.
  subscript(name: String) -> BundledModel? { models.first { $0.name == name } }

  /// Where the model's file lies.
  func path(of model: BundledModel) -> String { "\(folder)/\(model.file)" }
}
