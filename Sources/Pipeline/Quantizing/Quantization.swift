internal import BoardKernels
internal import Calibration
internal import Datasets
internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer
internal import Tensors

/// Everything that one quantization reads.
struct Quantization {
  let model: LoadedModel
  let graph: Graph
  let table: CalibrationTable
  let recipe: NamedPasses
  /// Where the calibration's images lie now.
  let data: String
  /// Whether the user said so, and wants it checked whatever the recipe needs.
  private let readsData: Bool
  /// Whose tables and roundings the int8 model takes; `nil` for the most accurate ones.
  let runtime: ExactRuntime?
  /// What decides the result's bytes.
  let sources: WorkspaceState.Sources

  /// Reads the calibration and checks that it is of `model`.
  init(
    _ model: LoadedModel, calibration: String, recipe: NamedPasses, data: String? = nil,
    exactWith runtime: ExactRuntime? = nil
  ) throws {
    var graph = try model.graph()
    let file = try CalibrationFile(calibration)
    table = file.table
    try Failure.naming(calibration) { try file.table.check(graph, modelSHA256: model.sha256) }
    // The ranges hold for what happened to the pixels then.
    graph.preprocessing = table.preprocessing
    graph.preprocessingOrigins = table.origins ?? PreprocessingOrigins(.calibration)
    self.model = model
    self.graph = graph
    self.recipe = recipe
    self.data = data ?? file.images
    readsData = data != nil
    self.runtime = runtime
    sources = WorkspaceState.Sources(
      tool: Tool.name, modelSHA256: model.sha256, calibrationSHA256: file.sha256,
      recipe: recipe.name, exactWith: runtime?.rawValue)
  }

  /// The int8 model, and what to tell the user of it.
  func run() throws -> QuantizationResult {
    var passes = recipe.passes
    // A runtime computes its tables from the scales alone.
    if runtime != nil { passes.averagesTables = false }
    let images = passes.needsImages || readsData ? try images() : []
    var meter = StepMeter()
    var saturation: [ModelWarning] = []
    let quantized = try Failure.naming(model.reference) {
      try passes.quantize(
        graph, table, images: images, provenance: provenance, warn: { saturation.append($0) }
      ) { meter.update($0) }
    }
    return QuantizationResult(
      model: runtime.map { quantized.exact(with: $0) } ?? quantized,
      warnings: calibrationWarnings(quantized).map(\.description)
        + (quantized.weightWarnings + saturation).map(\.description))
  }

  /// What the calibration says that matters to `model`: outliers where they were not cut, and dead
  /// channels where firmware computes them all the same.
  private func calibrationWarnings(_ model: QuantizedModel) -> [CalibrationWarning] {
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

  /// The calibration's images as inputs of the network.
  private func images() throws -> [[Float]] {
    let images = try CalibrationImages(table, inputShape: graph.inputShape, at: data)
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    return try Failure.naming(data) {
      try images.indices.map { try preprocessor(images.dataset.sample(at: $0)) }
    }
  }

  private var provenance: Provenance {
    let sample = table.sample
    return Provenance(
      tool: Tool.name, source: table.model.file, sourceSHA256: model.sha256,
      recipe: recipe.name, rounding: .double,
      calibration: CalibrationSource(
        dataset: sample.dataset, split: sample.split, images: sample.imageCount,
        sha256: sample.sha256, method: table.method.rawValue))
  }
}
