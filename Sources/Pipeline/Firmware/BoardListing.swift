internal import BoardKernels
internal import Boards
internal import FixedPoint
internal import ModelImport
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer

/// What a model asks of a board, and which of the known boards have that.
package struct BoardListing: Encodable, Sendable {
  package let model: String
  package let flashBytes: Int
  package let ramBytes: Int
  package let targets: [Entry]

  package struct Entry: Encodable, Sendable {
    package let name: String
    package let title: String
    package let core: String
    package let flashBytes: Int
    package let ramBytes: Int
    /// Whether `make run` runs firmware for it under emulation.
    package let emulated: Bool
    package let fits: Bool
    /// Where the sizes come from.
    package let notes: String?
  }

  /// What an int8 model asks.
  package init(_ model: LoadedModel) throws(PipelineError) {
    try self.init(model.reference, try model.quantized())
  }

  /// What `model` asks as the workspace has quantized it. Sizes do not depend on ranges, so that a
  /// float model that was not quantized yet needs no calibration.
  package init(_ model: LoadedModel, in workspace: Workspace) throws(PipelineError) {
    if let quantized = workspace.currentQuantized(of: model) {
      try self.init(model.reference, quantized)
    } else {
      try self.init(model.reference, try model.sized())
    }
  }

  private init(_ reference: String, _ quantized: QuantizedModel) throws(PipelineError) {
    let budget = try PipelineError.naming(quantized.name) { try quantized.budget() }
    let boards = try PipelineError.naming("targets") { try BoardCatalog.boards() }
    model = reference
    flashBytes = budget.flashBytes
    ramBytes = budget.ramBytes
    targets = boards.map { board in
      Entry(
        name: board.name, title: board.title, core: board.core, flashBytes: board.flashBytes,
        ramBytes: board.ramBytes, emulated: board.emulator != nil, fits: board.fits(budget),
        notes: board.notes)
    }
  }
}

extension LoadedModel {
  /// The model, or an int8 model of the size that quantizing it gives.
  fileprivate func sized() throws(PipelineError) -> QuantizedModel {
    if case .quantized(let model) = content { return model }
    let graph = try graph()
    return try PipelineError.naming(reference) {
      try Quantizer.quantize(
        graph, WeightChoices(), Evidence(range: -8...8, tensorCount: graph.tensors.count),
        provenance: Provenance(
          tool: Tool.name, source: path, sourceSHA256: sha256, recipe: Recipe.minmax.rawValue,
          rounding: .double, calibration: nil))
    }
  }
}
