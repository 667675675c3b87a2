internal import Calibration
internal import Files
internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer

/// Everything that one quantization reads.
struct Quantization {
  let model: LoadedModel
  let graph: Graph
  let table: CalibrationTable
  let recipe: Recipe
  /// What decides the result's bytes.
  let sources: WorkspaceState.Sources

  /// Reads the calibration and checks that it is of `model`.
  init(_ model: LoadedModel, calibration: String, recipe: Recipe) throws {
    var graph = try model.graph()
    let bytes = try AtomicFile.read(calibration)
    table = try Failure.naming(calibration) {
      let table = try CalibrationTable(bytes: bytes)
      try table.check(graph, modelSHA256: model.sha256)
      return table
    }
    // The ranges hold for what happened to the pixels then.
    graph.preprocessing = table.preprocessing
    self.model = model
    self.graph = graph
    self.recipe = recipe
    sources = WorkspaceState.Sources(
      tool: Tool.name, modelSHA256: model.sha256, calibrationSHA256: SHA256.hex(bytes),
      recipe: recipe.rawValue)
  }

  /// The int8 model.
  func run() throws -> QuantizedModel {
    let ranges = Dictionary(
      uniqueKeysWithValues: table.tensors.map { tensor in
        (tensor.name, Double(tensor.range.lowerBound)...Double(tensor.range.upperBound))
      })
    return try Failure.naming(model.reference) {
      try Quantizer.quantize(graph, recipe: recipe, provenance: provenance) { ranges[$0] }
    }
  }

  private var provenance: Provenance {
    let sample = table.sample
    return Provenance(
      tool: Tool.name, source: table.model.file, sourceSHA256: model.sha256,
      recipe: recipe.rawValue, rounding: .double,
      calibration: CalibrationSource(
        dataset: sample.dataset, split: sample.split, images: sample.imageCount,
        sha256: sample.sha256, method: table.method.rawValue))
  }
}
