internal import BoardKernels
package import Boards
internal import Calibration
internal import Datasets
internal import FixedPoint
package import NetworkGraph
package import QuantizedIR
package import Quantizer
internal import Tensors
internal import Training
internal import Tuning

/// Everything that one quantization reads.
package struct Quantization: Sendable {
  package let model: LoadedModel
  /// The network, with what happened to pixels when it was calibrated.
  package let graph: Graph
  package let calibration: CalibrationFile
  package let recipe: NamedPasses
  /// Where the calibration's images lie now.
  let data: String
  /// Whether the user said so, and wants it checked whatever the recipe needs.
  let readsData: Bool
  /// Whose tables and roundings the int8 model takes; `nil` for the most accurate ones.
  package let runtime: ExactRuntime?

  /// Checks that `calibration` is of `model`.
  ///
  /// - Parameter data: Where the calibration's images lie now; they are checked then, even where no
  ///   pass needs them. `nil` for where the calibration says.
  package init(
    _ model: LoadedModel, _ calibration: CalibrationFile, recipe: NamedPasses = .standard,
    data: String? = nil, exactWith runtime: ExactRuntime? = nil
  ) throws(PipelineError) {
    let network = try model.graph()
    let table = calibration.table
    try PipelineError.naming(calibration.path) {
      try table.check(network, modelSHA256: model.sha256)
    }
    var graph = network
    // The ranges hold for what happened to the pixels then.
    graph.preprocessing = table.preprocessing
    graph.preprocessingOrigins = table.origins ?? PreprocessingOrigins(.calibration)
    self.model = model
    self.graph = graph
    self.calibration = calibration
    self.recipe = recipe
    self.data = data ?? calibration.images
    readsData = data != nil
    self.runtime = runtime
  }

  /// What decides the result's bytes.
  package var sources: WorkspaceState.Sources {
    WorkspaceState.Sources(
      tool: Tool.name, modelSHA256: model.sha256, calibrationSHA256: calibration.sha256,
      recipe: recipe.name, exactWith: runtime?.rawValue)
  }

  /// The calibration's images as inputs of the network; none where nothing looks at them.
  func images(for passes: Passes) throws(PipelineError) -> [[Float]] {
    passes.needsImages || readsData ? try allImages() : []
  }

  /// As `images(for:)`, whatever the passes need.
  func allImages() throws(PipelineError) -> [[Float]] {
    let images = try CalibrationImages(calibration, inputs: graph.namedInputs, at: data)
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    return try PipelineError.naming(data) {
      try images.indices.map { try preprocessor(images.dataset.sample(at: $0)) }
    }
  }

  /// The recipe's name, or that of models that are quantized already.
  package var recipeName: String { graph.isQuantized ? Provenance.imported : recipe.name }

  var provenance: Provenance {
    let (table, sample) = (calibration.table, calibration.table.sample)
    return Provenance(
      tool: Tool.name, source: table.model.file, sourceSHA256: model.sha256,
      recipe: recipeName, rounding: .double,
      calibration: CalibrationSource(
        dataset: sample.dataset, split: sample.split, images: sample.imageCount,
        sha256: sample.sha256, method: table.method.rawValue),
      exactWith: runtime)
  }

  /// What is to be told of the sources of `model`.
  func warnings(_ model: QuantizedModel) -> [String] {
    guard graph.isQuantized else { return calibrationWarnings(model).map(\.description) }
    return [self.model.keepsItsCodes]
  }

  /// What the calibration says that matters to `model`: outliers where they were not cut, and dead
  /// channels where firmware computes them all the same.
  func calibrationWarnings(_ model: QuantizedModel) -> [CalibrationWarning] {
    let table = calibration.table
    let method = recipe.passes.rangeMethod(calibrated: table.method)
    let emitted = Dictionary(
      zip(model.tensors.map(\.name), model.emittedChannels),
      uniquingKeysWith: { first, _ in first })
    return [
      table.fewImages,
      method == .minMax ? table.outliers : nil,
      table.deadChannels { tensor, channel in emitted[tensor]?[channel] == true },
    ].compactMap(\.self)
  }
}

extension Pipeline {
  /// Makes the int8 model.
  package func quantize(
    _ quantization: Quantization
  ) throws(PipelineError) -> QuantizationResult {
    var passes = quantization.recipe.passes
    // A runtime computes its tables from the scales alone.
    if quantization.runtime != nil { passes.averagesTables = false }
    if quantization.graph.isQuantized { passes = Passes(ranges: passes.ranges) }
    let images = try quantization.images(for: passes)
    var saturation: [ModelWarning] = []
    var wide: WideReport?
    let quantized = try PipelineError.naming(quantization.model.reference) {
      try passes.quantize(
        quantization.graph, quantization.calibration.table, images: images,
        provenance: quantization.provenance, team: Team(threads: threads),
        warn: { saturation.append($0) }, report: { wide = $0 }
      ) { tell(.progress($0)) }
    }
    return QuantizationResult(
      model: quantization.runtime.map { quantized.exact(with: $0) } ?? quantized,
      warnings: quantized.callerSteps.map(\.description) + quantization.warnings(quantized)
        + (quantized.weightWarnings + saturation).map(\.description), wide: wide)
  }
}

extension WideCosts {
  /// Those of a board's kernels.
  package static func of(_ board: Board) -> WideCosts {
    switch board.instructionSet {
    case .portable: .portable
    case .dsp: .dsp
    case .mve: .mve
    }
  }
}

/// An int8 model that was made just now.
package struct QuantizationResult: Sendable {
  package let model: QuantizedModel
  /// What to tell the user, one sentence each.
  package let warnings: [String]
  /// What a search for 16 bits found; `nil` without one.
  package let wide: WideReport?

  init(model: QuantizedModel, warnings: [String], wide: WideReport? = nil) {
    (self.model, self.warnings, self.wide) = (model, warnings, wide)
  }

  /// `model` as it is, an int8 network of another tool's file; `nil` for a float one.
  package init?(keeping model: LoadedModel) {
    guard let int8 = model.importedInt8 else { return nil }
    self.init(model: int8, warnings: [model.keepsItsCodes])
  }

  package var layerCount: Int { model.layers.count }

  /// Of weights, biases, multipliers, shifts and tables.
  package var constantBytes: Int { model.constantBytes }

  /// With portable kernels.
  package var arenaBytes: Int { MemoryPlan(model).arenaBytes }

  /// The tensors with 16-bit codes.
  package var wideTensors: [String] {
    model.tensors.filter { $0.width == .int16 }.map(\.name)
  }
}

extension LoadedModel {
  /// What is said of a model that is quantized already.
  package var keepsItsCodes: String {
    "\(reference) is quantized already: its own scales, zero points and weights are kept, and recipes "
      + "change nothing"
  }

  /// What decides the bytes of an int8 network of another tool's file.
  package var keptSources: WorkspaceState.Sources {
    WorkspaceState.Sources(
      tool: Tool.name, modelSHA256: sha256, calibrationSHA256: "", recipe: Provenance.imported,
      exactWith: importedInt8?.provenance.exactWith?.rawValue)
  }
}

/// Passes, and what a model that they made says of its recipe.
package struct NamedPasses: Sendable {
  package let name: String
  package let passes: Passes

  package init(name: String, passes: Passes) {
    self.name = name
    self.passes = passes
  }

  /// What is done unless the user says otherwise.
  package static var standard: NamedPasses {
    NamedPasses(name: Recipe.default.rawValue, passes: Recipe.default.passes)
  }
}

/// An int8 model after tuning, or the one before where that is no worse.
package struct TunedResult: Sendable {
  package let result: QuantizationResult
  /// The logits' power over that of their error, on images that chose nothing, in dB.
  package let before: Double
  package let after: Double
  package let isKept: Bool
  package let epochs: Int
}

extension Pipeline {
  /// Makes the int8 model and trains it on the calibration's images, without labels.
  ///
  /// - Parameter minutes: How long that may take, about; `nil` for a fixed number of epochs.
  package func tune(
    _ quantization: Quantization, minutes: Double? = nil
  ) throws(PipelineError) -> TunedResult {
    let images = try quantization.allImages()
    guard images.count >= Self.share else {
      throw .at(
        place: quantization.data,
        TrainingError.tooFewImages(
          path: quantization.calibration.path, found: images.count, batch: Self.share))
    }
    let learned = images.indices.filter { $0 % Self.share != Self.share - 1 }.map { images[$0] }
    let held = stride(from: Self.share - 1, to: images.count, by: Self.share).map { images[$0] }
    let grid = try grid(quantization, images: learned)
    let (outcome, epochs) = try PipelineError.naming(quantization.model.reference) {
      let tuning = try LogitTuning(
        grid, of: quantization.graph, images: learned, held: held, team: Team(threads: threads))
      let epochs = try minutes.map {
        max(1, Int($0 * 60 / max(try tuning.secondsOfEpoch(), 1e-3)))
      }
      let count = epochs ?? Self.standardEpochs
      return (try tuning.run(epochs: count, tell: meter("tune", of: learned.count * count)), count)
    }
    let model = outcome.model
    return TunedResult(
      result: outcome.isKept
        ? QuantizationResult(
          model: model,
          warnings: model.callerSteps.map(\.description) + quantization.warnings(model)
            + model.weightWarnings.map(\.description)) : try quantize(quantization),
      before: outcome.before, after: outcome.after, isKept: outcome.isKept, epochs: epochs)
  }

  /// Every so manieth image judges.
  private static let share = 4
  /// Of tuning whose user named no time.
  private static let standardEpochs = 8
}
