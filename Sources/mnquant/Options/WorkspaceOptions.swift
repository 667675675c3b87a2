internal import ArgumentParser
internal import Files
internal import FoundationEssentials
private import Glibc
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

  /// Says that later commands continue with the int8 model at `file`, which a user named as the place of
  /// a result.
  func noteCurrent(_ file: String?) {
    guard let file else { return }
    Console.note(
      "\(file) is now the int8 model of \(folder): compare, report, targets and emit-c take it unless "
        + "--quantized names another")
  }
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

/// When a comparison fails.
struct GateOption: ParsableArguments {
  @Option(
    name: .customLong("max-drop"),
    help: ArgumentHelp(
      "Exit with status 2 if int8 loses more points of top-1 than this, or of F1 or mAP.",
      valueName: "points"))
  var maxDrop: Double?

  func validate() throws {
    if let maxDrop, !maxDrop.isFinite {
      throw ValidationError("--max-drop is \(maxDrop); expected a finite number of points.")
    }
  }

  /// Ends with the status of a gate where int8 loses `points` and `--max-drop` allows fewer.
  func check(_ points: Double, of score: String, images: Int, advice: String) throws {
    guard let maxDrop, points > maxDrop else { return }
    throw Failure(
      "int8 loses \(Format.decimal(points, 4)) points of \(score) on "
        + "\(Format.count(images, "image")), --max-drop allows \(maxDrop); \(advice)",
      status: .gate)
  }
}

/// A file that the user named for a command to write.
struct OutputFile {
  let path: String
  /// Where the user named it.
  var option = "--out"

  /// How the names of files end that are not this one's kind.
  private static let extensions: Set<String> = [
    "bin", "c", "h", "h5", "html", "jpeg", "jpg", "json", "keras", "mnq", "npy", "onnx", "png",
    "pt",
    "pth", "safetensors", "tflite", "txt",
  ]

  /// Checks the name before anything is read or written. What it must not replace is known in full
  /// only when all is read: `Destination` has the last word.
  ///
  /// - Parameters:
  ///   - ending: How names of such files end; other names are fine, too, unless other files' end so.
  ///   - inputs: What the command reads.
  /// - Throws: `ValidationError` where the file would replace one of `inputs`, or its name says that
  ///   it is something else; `Failure` where no file can be written there.
  func check(ending: String, inputs: [String?]) throws {
    for case let input? in inputs where Destination.areSame(input, path) {
      throw ValidationError(
        "\(option) is \(path), which the command reads; expected another file, so that it is not lost."
      )
    }
    let found = URL(filePath: path).pathExtension.lowercased()
    guard found == ending || !Self.extensions.contains(found) else {
      throw ValidationError(
        "\(option) is \(path), and what is written is no .\(found) file; expected a name that ends in "
          + ".\(ending).")
    }
    try Failure.sentence { _ = try Destination(path) }
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on stdout instead of text.")
  var json = false
}
