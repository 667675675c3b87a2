internal import BoardKernels
internal import Boards
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

/// An int8 network, bound to the kernels of an engine.
struct IntegerRows: RowEngine {
  private let bound: BoundModel
  /// Whether layers that fill one tensor together each show all of it, or what is there after each.
  private let showsWholeTensors: Bool

  /// The definition of the arithmetic.
  static func plain(_ model: QuantizedModel) -> IntegerRows {
    IntegerRows(bound: .plain(model), showsWholeTensors: true)
  }

  /// The packed kernels of this machine.
  static func host(_ model: QuantizedModel) -> IntegerRows {
    IntegerRows(bound: .host(model), showsWholeTensors: false)
  }

  /// The firmware of a board: what `emit-c` writes of `model` for `instructionSet`.
  ///
  /// - Parameter keepsLayers: Whether every layer of the model is a layer, with all its channels:
  ///   without what firmware leaves out or does in one.
  /// - Throws: `ScheduleError`.
  static func board(
    _ model: QuantizedModel, for instructionSet: InstructionSet, keepsLayers: Bool
  ) throws -> IntegerRows {
    let schedule =
      keepsLayers
      ? try BoardSchedule(
        model, kernels: model.layers.map { Kernel($0.operation, for: instructionSet) })
      : try BoardSchedule(model, for: instructionSet)
    return IntegerRows(bound: .board(schedule), showsWholeTensors: false)
  }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { bound.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    guard keepsLayers else { return (bound.run(input), []) }
    if showsWholeTensors {
      let values = bound.activations(input)
      return (values[bound.model.output], bound.model.layers.map { values[$0.output] })
    }
    var arena = bound.makeArena()
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, codes in layers.append(Array(codes)) }
    return (output, layers)
  }
}
