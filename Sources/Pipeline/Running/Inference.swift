internal import BoardKernels
package import Boards
internal import Evaluation
package import Files
private import Glibc
internal import NetworkGraph
internal import QuantizedIR
package import Tensors

extension Pipeline {
  /// Runs `model` on `engine` on the rows of the file that `inputs` names: an image file or an `.npy`
  /// file, `[N, H, W, C]`, of pictures (uint8), preprocessed values (float32) or codes (int8). Of
  /// several inputs each is `NAME=FILE`, an `.npy` file with as many rows as the others'.
  ///
  /// - Parameters:
  ///   - board: Whose firmware the C engine runs, as `emit` writes it; `nil` for a Cortex-M4's.
  ///   - choices: What is said of pixels in place of what the model's file says.
  ///   - keepsLayers: Whether every layer's output is wanted, too.
  package func run(
    _ model: LoadedModel, on engine: EngineName, inputs: [String],
    _ choices: PixelChoices = PixelChoices(), board: Board? = nil, keepsLayers: Bool = false
  ) async throws(PipelineError) -> Inference {
    // What a file of integers means in real numbers is the real values of its integers.
    let engine = engine == .float && model.importedInt8 != nil ? .int8 : engine
    guard engine != .float else {
      return try await run(choices.applied(to: model.wholeGraph()), inputs, keepsLayers)
    }
    let quantized = choices.applied(to: try model.quantized())
    var pixels = PixelHandling(quantized)
    pixels.origins = choices.applied(to: pixels).origins
    switch engine {
    case .swift:
      return try await run(
        IntegerRows.plain(quantized), engine, quantized, pixels, inputs, keepsLayers)
    case .c:
      let rows = try PipelineError.naming(model.reference) {
        try IntegerRows.board(
          quantized, for: board?.instructionSet ?? .dsp, keepsLayers: keepsLayers)
      }
      return try await run(rows, engine, quantized, pixels, inputs, keepsLayers)
    case .int8, .float:
      return try await run(
        IntegerRows.host(quantized), engine, quantized, pixels, inputs, keepsLayers)
    }
  }

  private func run(
    _ graph: Graph, _ words: [String], _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference {
    let files = try InputFiles(words, PixelHandling(graph), model: graph.name, graph.namedInputs)
    let inputs = try files.rows { array, position throws in
      try RowInputs(array, for: graph, at: position)
    }
    let run = try await PipelineError.naming(files.place) {
      try await RowRun(FloatRows(graph), inputs, self, keepsLayers: keepsLayers)
    }
    let outputs = graph.namedOutputs.enumerated().map { position, output in
      let part = run.part(position, of: graph.namedOutputs.map(\.shape))
      return Inference.Output(
        name: output.name, rows: part.rows(of: output.shape).map { $0.map(Double.init) },
        values: part.array(of: output.shape) { $0 })
    }
    return Inference(
      engine: .float, rowsPerRun: graph.namedOutputs[0].shape.dimensions.first ?? 1,
      outputs: outputs,
      layers: keepsLayers ? run.layerArrays : [], labels: graph.labels,
      areProbabilities: graph.givesProbabilities, callerSteps: graph.callerSteps,
      pixels: files.pixels)
  }

  private func run<Engine: RowEngine>(
    _ rows: Engine, _ engine: EngineName, _ model: QuantizedModel, _ pixels: PixelHandling,
    _ words: [String], _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference where Engine.Element == Int8 {
    let files = try InputFiles(words, pixels, model: model.name, model.namedInputs)
    let inputs = try files.rows { array, position throws in
      try RowInputs(array, for: model, at: position)
    }
    let run = try await PipelineError.naming(files.place) {
      try await RowRun(rows, inputs, self, keepsLayers: keepsLayers)
    }
    let outputs = model.namedOutputs.enumerated().map { position, output in
      let part = run.part(position, of: model.namedOutputs.map(\.shape))
      let tensor = model.tensors[model.outputs[position]]
      return Inference.Output(
        name: output.name, rows: part.rows(of: output.shape).map { $0.map { tensor.real($0) } },
        values: model.outputIsReal
          ? part.array(of: output.shape, convert: tensor.reals)
          : part.array(of: output.shape) { $0 })
    }
    return Inference(
      engine: engine, rowsPerRun: model.outputTensor.shape.dimensions.first ?? 1,
      outputs: outputs,
      layers: keepsLayers ? run.layerArrays : [], labels: model.labels,
      areProbabilities: model.givesProbabilities, callerSteps: model.callerSteps,
      pixels: files.pixels)
  }
}

/// What an engine gave for all rows of a file.
struct RowRun<Element: NumPyElement & Sendable> {
  /// By run of the network.
  private(set) var outputs: [[Element]] = []
  /// By layer: all runs one after another; empty unless kept.
  private var layers: [[Element]] = []
  private let layerShapes: [(name: String, shape: Shape, width: CodeWidth?)]

  /// Runs that one task does at a time.
  private static var partLength: Int { 8 }

  /// Runs `engine` on `inputs`, and tells how far it has come where they are many.
  init<Engine: RowEngine>(
    _ engine: Engine, _ inputs: RowInputs<Element>, _ pipeline: Pipeline, keepsLayers: Bool
  ) async throws where Engine.Element == Element {
    layerShapes = engine.layers
    var (outputs, layers) = ([[Element]](), [[Element]](repeating: [], count: layerShapes.count))
    let meter = inputs.count > Self.partLength ? pipeline.meter("run", of: inputs.count) : nil
    try await orderedFold(
      count: inputs.count, partLength: Self.partLength, threads: pipeline.threads
    ) {
      $0.map { engine.run(inputs[$0], keepsLayers: keepsLayers) }
    } fold: { part, done in
      for row in part {
        outputs.append(row.output)
        for (index, values) in row.layers.enumerated() { layers[index] += values }
      }
      meter?(done, inputs.count)
    }
    (self.outputs, self.layers) = (outputs, layers)
  }

  /// The same with one output alone, number `position` of those of one run's `shapes`.
  func part(_ position: Int, of shapes: [Shape]) -> RowRun {
    guard shapes.count > 1 else { return self }
    let start = shapes[..<position].reduce(0) { $0 + $1.count }
    var part = self
    part.outputs = outputs.map { Array($0[start..<start + shapes[position].count]) }
    return part
  }

  /// The outputs by row, where one run's has `shape`.
  func rows(of shape: Shape) -> [[Element]] {
    let batch = shape.dimensions.first ?? 1
    return outputs.flatMap { output in
      let length = output.count / batch
      return (0..<batch).map { Array(output[$0 * length..<($0 + 1) * length]) }
    }
  }

  /// All outputs as `[N, …]`, after `convert`; `shape` is that of one run's.
  func array<Written: NumPyElement>(
    of shape: Shape, convert: ([Element]) -> [Written]
  ) -> NumPyArray {
    NumPyArray(convert(outputs.flatMap { $0 }), shape: sizes(shape))
  }

  /// Every layer's outputs as `[N, …]`, in execution order; 16-bit codes as int32.
  var layerArrays: [Inference.LayerOutput] {
    zip(layerShapes, layers).map { layer, values in
      let shape = sizes(layer.shape)
      guard layer.width == .int16, let bytes = values as? [Int8] else {
        return .init(name: layer.name, values: NumPyArray(values, shape: shape))
      }
      return .init(
        name: layer.name,
        values: NumPyArray(CodeWidth.int16.decoded(bytes.span), shape: shape))
    }
  }

  private func sizes(_ shape: Shape) -> [Int] {
    [outputs.count * (shape.dimensions.first ?? 1)] + shape.dimensions.dropFirst()
  }
}

/// What a network gave for the rows of a file.
package struct Inference: Sendable {
  package let engine: EngineName
  /// The network's batch.
  package let rowsPerRun: Int
  /// In the model's order.
  package let outputs: [Output]
  /// In execution order; empty unless kept.
  package let layers: [LayerOutput]
  /// The names of the classes; empty where unknown.
  package let labels: [String]
  /// Whether the rows are probabilities already.
  package let areProbabilities: Bool
  /// What the network ended with and the caller does.
  package let callerSteps: [CallerStep]
  /// What happened to pixels; `nil` for inputs that are none.
  package let pixels: PixelReport?

  /// What one output gave for all rows.
  package struct Output: Sendable {
    package let name: String
    /// Real values, by row.
    package let rows: [[Double]]
    /// `[N, …]`: real values, or codes of an int8 model whose output is codes.
    package let values: NumPyArray
  }

  /// What a layer gave for all rows.
  package struct LayerOutput: Sendable {
    package let name: String
    /// `[N, …]`: real values, or codes; 16-bit codes as int32.
    package let values: NumPyArray
  }

  /// The `count` classes that come first in `output`, by row.
  package func rankings(_ output: Output, _ count: Int) -> [Ranking] {
    output.rows.map {
      Ranking($0, labels: labels, count: count, areProbabilities: areProbabilities)
    }
  }

  /// Checks that `model`, a float network, gave numbers; an int8 model's codes always are.
  ///
  /// - Throws: `ModelProblem.notFinite`.
  package func checkFinite(_ model: String) throws(PipelineError) {
    for (index, row) in outputs.flatMap({ $0.rows.enumerated() }) {
      guard let value = row.first(where: { !$0.isFinite }) else { continue }
      throw .model(.notFinite(model, run: index / rowsPerRun, value: Float(value)))
    }
  }

  /// Writes the output as the `.npy` file `path`; several as `NAME.npy` each in the folder `path`.
  package func write(to path: String) throws(PipelineError) {
    guard outputs.count > 1 else {
      return try PipelineError.naming(path) {
        try AtomicFile.write(outputs[0].values.file(), to: path)
      }
    }
    let files = outputs.map { (path: "\($0.name.asFileName).npy", bytes: $0.values.file()) }
    try PipelineError.naming(path) { try AtomicFolder.write(files, to: path) }
  }

  /// Writes each layer as `NNN-name.npy` below `folder`, in execution order.
  package func writeLayers(to folder: String) throws(PipelineError) {
    let files = layers.enumerated().map { index, layer in
      let digits = String(index)
      let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      return (path: "\(number)-\(layer.name.asFileName).npy", bytes: layer.values.file())
    }
    try PipelineError.naming(folder) { try AtomicFolder.write(files, to: folder) }
  }
}

extension QuantizedModel {
  /// Names, output shapes and widths of the layers.
  var layerShapes: [(name: String, shape: Shape, width: CodeWidth?)] {
    layers.map { ($0.name, tensors[$0.output].shape, tensors[$0.output].width) }
  }
}

/// The classes that a network puts first.
package struct Ranking: Encodable, Sendable {
  package struct Entry: Encodable, Sendable {
    /// Position in the output.
    package let `class`: Int
    /// `nil` where the model names no classes.
    package let label: String?
    package let probability: Double
  }

  /// Most probable first; of equals, the first.
  package let top: [Entry]

  /// The `count` first of `outputs`, real values, made probabilities unless they are: by softmax, and
  /// a single one by the logistic function.
  package init(_ outputs: [Double], labels: [String], count: Int, areProbabilities: Bool) {
    let probabilities = areProbabilities ? outputs : Self.probabilities(outputs)
    let order = probabilities.indices.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }
    top = order.prefix(count).map { index in
      Entry(
        class: index, label: labels.indices.contains(index) ? labels[index] : nil,
        probability: probabilities[index])
    }
  }

  private static func probabilities(_ values: [Double]) -> [Double] {
    if values.count == 1 { return [1 / (1 + exp(-values[0]))] }
    let greatest = values.max() ?? 0
    let powers = values.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
