internal import ArgumentParser
internal import Decoders
internal import Files
internal import Pipeline
internal import Tensors

/// `mnquant run`.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a model on an image file or the rows of an .npy file.")

  @Argument(help: "A path or a bundled model's name.")
  var model: String

  @Option(
    help: ArgumentHelp(
      "A JPEG or PNG file, or an .npy file of [N, H, W, C]; of several inputs NAME=FILE each.",
      discussion: "In .npy, uint8 is raw pixels, float32 is preprocessed, int8 is codes.",
      valueName: "file"))
  var input: [String]

  @Option(
    help: ArgumentHelp(
      "Write the output as .npy, [N, ...]; several into a folder, NAME.npy each.",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What computes.",
      discussion: """
        Default: int8 for an int8 model, float otherwise. c is what emit-c writes for --target.
        """))
  var engine: EngineName?

  @OptionGroup var target: BoardOption

  @Option(
    help: "Print this many classes a row, or objects. Default: 5, or all; 0 with --output.")
  var top: Int?

  @OptionGroup var task: TaskOptions

  @Option(
    name: .customLong("dump-layers"),
    help: ArgumentHelp("Write each layer's output as .npy.", valueName: "dir"))
  var dumpLayers: String?

  @OptionGroup var architecture: ArchitectureOption
  @OptionGroup var exactness: ExactOption
  @OptionGroup var threads: ThreadOptions
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup(title: "Output") var format: OutputOptions

  func validate() throws {
    if let top, top < 0 { throw ValidationError("--top is \(top); expected at least 0.") }
    if input.isEmpty { throw ValidationError("Missing expected argument '--input <file>'.") }
    // A folder is for several outputs, of which the model tells.
    if let output, !output.hasSuffix("/") {
      try OutputFile(path: output, option: "--output").check(
        ending: "npy", inputs: [model] + input)
    }
    if let dumpLayers { try Failure.sentence { try AtomicFolder.check(dumpLayers) } }
  }

  func run() async throws {
    let loaded = try LoadedModel(
      model, architecture: architecture.spelling, inputShapes: architecture.inputShapes(),
      exactWith: exactness.runtime)
    let engine = engine ?? EngineName(for: loaded.content)
    let choices = try preprocessing.choices(channels: loaded.inputChannels(on: engine))
    let inference = try await Pipeline.shown(threads: threads.count).run(
      loaded, on: engine, inputs: input, choices,
      board: try engine == .c ? target.load() : nil, keepsLayers: dumpLayers != nil)
    if let dumpLayers { try inference.writeLayers(to: dumpLayers) }
    try inference.checkFinite(model)
    if let output { try inference.write(to: output) }
    if let choice = try task.choice() {
      return try show(
        inference, inference.objects(choice, of: loaded, top ?? (output == nil ? .max : 0)),
        choice.kind)
    }
    try show(inference)
  }
}

extension EngineName: ExpressibleByArgument {}
