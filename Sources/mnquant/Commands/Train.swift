internal import ArgumentParser
private import Glibc
internal import Pipeline
internal import Training

/// `mnquant train`.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a network on labeled images.",
    discussion: """
      Images of the training split are learned from; those of the test split are tried once, at the \
      end. With --checkpoint a training that was stopped goes on, to the same bytes. With \
      --quantization-aware a float model is quantized first, and then its int8 network learns.
      """)

  @Option(
    help: ArgumentHelp(
      "The network to train, such as mobilenet-v2,width=0.5,small-images.",
      discussion:
        "From new weights, or those of --from. Without classes= it gets those of the data; Docs/Models.md lists options.",
      valueName: "name"))
  var architecture: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Begin with the weights of this float model: .safetensors, .pth, .onnx, .tflite, or a bundled one.",
      discussion: "Where the data has other classes, the classifier is learned anew.",
      valueName: "model"))
  var source: String?

  @Flag(
    help: ArgumentHelp(
      "Train the int8 network of the model that --from names, and write a .mnq.",
      discussion: """
        Weights and ranges learn what the integer engine computes of them. The workspace's calibration \
        serves where it is of this model; otherwise 512 of the images are calibrated on.
        """))
  var quantizationAware = false

  @OptionGroup var data: DataOptions

  @OptionGroup(title: "Training") var options: TrainingOptions

  @OptionGroup(title: "Quantization") var recipe: RecipeOptions

  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions

  @OptionGroup var keeping: CheckpointOptions

  @Option(
    help: ArgumentHelp(
      "The network to write, as weights in a .safetensors file or whole in an .onnx file.",
      discussion: """
        Default: model.safetensors, or model.onnx where --from is no weights file. With \
        --quantization-aware a .mnq file, by default the workspace's. A name that ends in / is a folder.
        """,
      valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Do the trainings that this file lists, a line of options each, and compare them.",
      discussion: """
        What else is said holds for all of them. --out names a folder, by default sweep, with one for \
        each run; those that are done, or that another process is at, are left out, and one that was \
        stopped goes on.
        """,
      valueName: "file"))
  var sweep: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The only run of the sweep to do, from 1.", valueName: "number"))
  var sweepRun: Int?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard architecture != nil || source != nil else {
      throw ValidationError("say what to train: --architecture or --from.")
    }
    guard architecture == nil || source.map(Trained.isWeights) ?? true else {
      throw ValidationError(
        "--architecture names new weights, or those of a .safetensors or .pth file; leave it out "
          + "with another --from.")
    }
    if quantizationAware { try validateInCodes() }
    try validateSweep()
    guard options.epochs != 0 || source != nil else {
      throw ValidationError("--epochs is 0, which leaves new weights as they are; expected some.")
    }
    if sweep == nil { try checkOutputs() }
  }

  /// The file to write.
  var destination: String {
    let isWeights = source.map(Trained.isWeights) ?? true
    let name =
      quantizationAware ? "quantized.mnq" : isWeights ? "model.safetensors" : "model.onnx"
    guard let out else { return quantizationAware ? "\(workspace.folder)/\(name)" : name }
    return out.hasSuffix("/") ? out + name : out
  }

  func run() async throws {
    if let sweep { return try await runSweep(sweep) }
    let report = try await trained(command: CommandLine.typed.text)
    if output.json { return try Console.json(report) }
    Console.result(report.line)
  }

  /// Trains, and writes what came of it; the page beside it says that `command` did so.
  func trained(command: String) async throws -> any TrainingReport {
    quantizationAware
      ? try await trainInCodes(command: command) : try trainFloats(command: command)
  }
}
