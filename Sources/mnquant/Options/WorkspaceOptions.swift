internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Pipeline

/// Where commands leave their results and find those of others.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    name: .customLong("workspace"),
    help: "Where this command leaves its result and the next one finds it.")
  var folder = WorkspaceOptions.standard

  /// Unless the user names another.
  static let standard = ".mnquant"

  /// Opens the workspace.
  func open() throws -> Workspace { try Workspace(folder) }
}

/// `--quantized`, and what stands in for it.
struct QuantizedOption: ParsableArguments {
  @Option(
    name: .customLong("quantized"),
    help: ArgumentHelp(
      "The int8 model: a .mnq or int8 .tflite file.",
      discussion: "Default: the workspace's, made anew where the model or calibration changed."))
  var file: String?

  @OptionGroup var exactness: ExactOption

  /// The int8 model of a command that continues in `workspace`.
  func load(_ model: ModelOption, _ workspace: inout Workspace) throws -> CurrentModel {
    if let file {
      return workspace.current(
        try LoadedModel(file, exactWith: exactness.runtime).quantized())
    }
    return try Pipeline.shown().currentModel(of: model.load(workspace), in: &workspace)
  }
}

/// `--data` and what belongs to it.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The images: CIFAR-10's binary files, class folders of JPEG or PNG files, or an .npy file.",
      discussion: """
        In .npy, uint8 is pictures of [N, H, W, C], float32 is preprocessed inputs; labels, if any, \
        are in NAME.labels.npy beside NAME.npy.
        """,
      valueName: "dir"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "The order of the labels of class folders: one folder's name a line.",
      discussion: """
        Default: classes.txt in the folder; the model's labels, where folders are called so; else \
        the order of the folders' names.
        """,
      valueName: "file"))
  var classes: String?

  /// What both say.
  var source: DataSource { DataSource(path: path, classes: classes) }
}

/// Which float model, which int8 model made from it, and which images of the data to run.
struct PairOptions: ParsableArguments {
  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption

  @Option(help: "Which images.")
  var split = Dataset.Split.test

  @Option(help: "Use this many images, spread evenly over the split. Default: all.")
  var limit: Int?

  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); expected at least 1.") }
  }

  /// Both models, the int8 one made anew where the workspace's is stale.
  func load(_ workspace: inout Workspace) throws -> ModelPair {
    let int8 = try quantized.load(model, &workspace)
    let isAlone = model.reference == nil && quantized.file != nil
    let bundled = isAlone ? try ModelPair.bundledSource(of: int8.model) : nil
    return try ModelPair(
      int8, called: quantized.file, madeFrom: try bundled ?? model.load(workspace))
  }

  /// What one pass more of the default recipe at a time gives, from the workspace's calibration, on
  /// `limit` images of `source`, or all.
  func climb(
    _ source: DataSource, limit: Int?, _ pipeline: Pipeline
  ) async throws -> [LadderRung] {
    let workspace = try workspace.open()
    let float = try model.load(workspace)
    let calibration = try CalibrationFile(try workspace.requireCalibration())
    return try await pipeline.climb(float, calibration, on: source, split, limit: limit)
  }
}

extension Dataset.Split: ExpressibleByArgument {}

/// How many threads share the work; results do not depend on it.
struct ThreadOptions: ParsableArguments {
  @Option(name: .customLong("threads"), help: "How many threads share the work. Default: all.")
  var requested: Int?

  /// At least 1.
  var count: Int { requested ?? Self.all }

  /// As many as there are processors.
  static var all: Int { ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let requested, !(1...1024).contains(requested) {
      throw ValidationError("--threads is \(requested); expected 1 to 1024.")
    }
  }
}
