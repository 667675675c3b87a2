internal import BoardKernels
internal import Engines
internal import Files
internal import FloatReference
package import ModelImport
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Runs a network on one row of an `.npy` file at a time, from any number of threads.
protocol RowEngine: Sendable {
  /// Of inputs, outputs and layers.
  associatedtype Element: NumPyElement & Sendable

  /// Names, output shapes and widths of codes of the layers, in execution order; no width for real
  /// values.
  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { get }

  /// The output for `input`, and with `keepsLayers` every layer's, as bytes
  /// where its codes have 16 bits.
  func run(_ input: [Element], keepsLayers: Bool) -> (output: [Element], layers: [[Element]])
}

/// What computes. The raw value is the command-line spelling.
package enum EngineName: String, CaseIterable, Sendable {
  /// The int8 arithmetic, by the fastest kernels of this machine.
  case int8
  /// The readable definition of the int8 arithmetic.
  case swift
  /// The float reference.
  case float
  /// The C kernels of the firmware, in process and in the firmware's arena.
  case c

  /// The engine of a model whose user named none.
  package init(for content: ImportedModel) {
    switch content {
    case .float: self = .float
    case .quantized: self = .int8
    }
  }
}

/// The float reference.
struct FloatRows: RowEngine {
  let graph: Graph
  let reference: FloatReference

  init(_ graph: Graph) {
    self.graph = graph
    reference = FloatReference(graph)
  }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] {
    graph.nodes.map { ($0.name, graph.tensors[$0.output].shape, nil) }
  }

  func run(_ input: [Float], keepsLayers: Bool) -> (output: [Float], layers: [[Float]]) {
    let arena = reference.makeArena()
    guard keepsLayers else { return (reference.run(input, in: arena), []) }
    let tensors = reference.activations(input, in: arena)
    return (tensors[graph.output], graph.nodes.map { tensors[$0.output] })
  }
}

/// The integer engine.
struct IntegerRows: RowEngine {
  let engine: Engine

  init(_ model: QuantizedModel) { engine = Engine(model) }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { engine.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    let values = engine.activations(input)
    let layers = keepsLayers ? engine.model.layers.map { values[$0.output] } : []
    return (values[engine.model.output], layers)
  }
}

/// The packed kernels of this machine.
struct HostRows: RowEngine {
  let host: HostModel

  init(_ model: QuantizedModel) { host = HostModel(model) }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { host.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    var arena = HostArena(host)
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, values in
      if keepsLayers { layers.append(Array(values)) }
    }
    return (output, layers)
  }
}

/// The firmware of a board.
struct BoardRows: RowEngine {
  private let board: BoardModel

  /// What `emit-c` writes of `model` for `instructionSet`.
  ///
  /// - Parameter keepsLayers: Whether every layer of the model is a layer, with all its channels:
  ///   without what firmware leaves out or does in one.
  /// - Throws: `ScheduleError`.
  init(_ model: QuantizedModel, for instructionSet: InstructionSet, keepsLayers: Bool) throws {
    let schedule =
      keepsLayers
      ? try BoardSchedule(
        model, kernels: model.layers.map { Kernel($0.operation, for: instructionSet) })
      : try BoardSchedule(model, for: instructionSet)
    board = BoardModel(schedule)
  }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] {
    board.schedule.model.layerShapes
  }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    var arena = BoardArena(board)
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, values in
      if keepsLayers { layers.append(Array(values)) }
    }
    return (output, layers)
  }
}
