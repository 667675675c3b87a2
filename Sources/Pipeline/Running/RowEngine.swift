internal import BoardKernels
internal import Boards
internal import Datasets
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

/// The rows of `.npy` files as a network takes them: one at a time, or as many as its batch.
struct RowInputs<Element: Sendable>: Sendable {
  /// How many runs of the network they make, at least 1.
  let count: Int
  private let rowLength: Int
  /// All rows one after another.
  private let values: [Element]

  private init(count: Int, values: [Element]) {
    self.count = count
    rowLength = values.count / count
    self.values = values
  }

  /// The input of run `index`.
  subscript(index: Int) -> [Element] {
    Array(values[index * rowLength..<(index + 1) * rowLength])
  }
}

extension RowInputs {
  /// Those of several inputs, each run's one after another.
  ///
  /// - Throws: `RowInputsError.unequal` where one has more runs than another.
  init(joining parts: [RowInputs]) throws(RowInputsError) {
    let count = parts[0].count
    if let other = parts.first(where: { $0.count != count }) {
      throw .unequal(count, other.count)
    }
    self.init(
      count: count, values: (0..<count).flatMap { index in parts.flatMap { $0[index] } })
  }
}

extension RowInputs<Float> {
  /// For input number `position` of a float network: float32 as it is, uint8 preprocessed, or as the
  /// numbers that they are where there are several inputs.
  init(_ array: NumPyArray, for graph: Graph, at position: Int) throws {
    let count = try array.runCount(of: graph.namedInputs[position].shape)
    if let values = array.values(Float.self) {
      try values.checkFinite()
      self.init(count: count, values: values)
    } else if let pixels = array.values(UInt8.self) {
      guard graph.inputs.count == 1 else {
        self.init(count: count, values: pixels.map { Float($0) })
        return
      }
      let channels = graph.inputShape.channels
      self.init(
        count: count,
        values: pixels.enumerated().map {
          graph.preprocessing.real($1, channel: $0 % channels)
        })
    } else {
      throw RowInputsError.type(found: array.type, expected: [.float32, .uint8])
    }
  }
}

extension RowInputs<Int8> {
  /// For input number `position` of an int8 network: int8 as it is, float32 quantized, uint8 through
  /// the pixel table, or quantized as the numbers that they are where there are several inputs.
  init(_ array: NumPyArray, for model: QuantizedModel, at position: Int) throws {
    let input = model.tensors[model.inputs[position]]
    let count = try array.runCount(of: input.shape)
    if let codes = array.values(Int8.self) {
      self.init(count: count, values: codes)
    } else if let values = array.values(Float.self) {
      try values.checkFinite()
      // A model that repeats a runtime's results does so for inputs that overflow, too.
      let isExact = model.provenance.exactWith != nil
      self.init(count: count, values: isExact ? input.wrappedCodes(values) : input.codes(values))
    } else if let pixels = array.values(UInt8.self), model.inputs.count > 1 {
      self.init(count: count, values: input.codes(pixels.map { Float($0) }))
    } else if let pixels = array.values(UInt8.self) {
      guard let encoding = model.pixelEncoding else { throw RowInputsError.noPixelEncoding }
      self.init(count: count, values: encoding.encode(pixels))
    } else {
      throw RowInputsError.type(found: array.type, expected: [.int8, .float32, .uint8])
    }
  }
}

extension [Float] {
  fileprivate func checkFinite() throws(RowInputsError) {
    if let index = firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(index: index, value: self[index])
    }
  }
}

extension NumPyArray {
  /// How many inputs of `shape` there are.
  fileprivate func runCount(of shape: Shape) throws(RowInputsError) -> Int {
    let row = Array(shape.dimensions.dropFirst())
    let batch = shape.dimensions.first ?? 1
    guard Array(self.shape.dropFirst()) == row, let count = self.shape.first, count > 0,
      count % batch == 0
    else { throw .shape(found: self.shape, row: row, batch: batch) }
    return count / batch
  }
}

/// Why a network cannot take the rows of an `.npy` file. The sentences leave the file's name to the
/// caller.
enum RowInputsError: Error, Hashable {
  case shape(found: [Int], row: [Int], batch: Int)
  case type(found: NumPyType, expected: [NumPyType])
  case notFinite(index: Int, value: Float)
  /// The model takes codes alone.
  case noPixelEncoding
  /// Runs that two inputs' files make.
  case unequal(Int, Int)
  /// `words` name other inputs than the network's, or one of these not at all or twice.
  case inputs(words: [String], names: [String])
}

extension RowInputsError: CustomStringConvertible {
  var description: String {
    switch self {
    case .shape(let found, let row, let batch):
      "has the shape \(found); the model takes [\((["N"] + row.map(String.init)).joined(separator: ", "))] "
        + "with N \(batch == 1 ? "of at least 1" : "a multiple of \(batch)")"
        + (Shape([batch] + row).isTurned(Array(found.dropFirst()))
          ? ": the file is NCHW; turn it with numpy, x.transpose(0, 2, 3, 1)"
          : "; transpose or resize with numpy")
    case .type(let found, let expected):
      "holds numbers of type '\(found.rawValue)'; expected "
        + expected.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        + " for this engine; convert with numpy's astype"
    case .notFinite(let index, let value):
      "value \(index) is \(value); expected finite numbers"
    case .unequal(let expected, let found):
      "the inputs' files have rows for \(expected) and for \(found) runs; expected as many in each"
    case .inputs(let words, let names) where names.count == 1:
      "the network takes one input, found \(words.count) (\(words.joined(separator: ", "))); give one "
        + "--input FILE"
    case .inputs(let words, let names):
      "the network takes \(names.count) inputs, found \(words.joined(separator: ", ")); give "
        + names.map { "--input \($0)=FILE" }.joined(separator: " ")
    case .noPixelEncoding:
      "holds pixels, and the model does not say what they mean to it; say so with --mean and --std, "
        + "or in a .json file beside the model: see Docs/Models.md"
    }
  }
}

/// The files that a user named for the inputs of a network.
struct InputFiles {
  /// In the network's order.
  private let files: [(path: String, file: InputFile)]

  /// - Parameters:
  ///   - words: A path where there is one input; `NAME=PATH` of each where there are several.
  ///   - model: What the network is called.
  init(
    _ words: [String], _ handling: PixelHandling, model: String, _ inputs: [NamedShape]
  ) throws(PipelineError) {
    let paths = try PipelineError.naming(model) {
      try Self.paths(words, names: inputs.map(\.name))
    }
    var files: [(path: String, file: InputFile)] = []
    for (path, input) in zip(paths, inputs) {
      files.append(
        (
          path,
          try inputs.count == 1
            ? InputFile(path, handling, model: model, shape: input.shape) : InputFile(values: path)
        ))
    }
    self.files = files
  }

  /// The path of each of the inputs called `names`.
  private static func paths(
    _ words: [String], names: [String]
  ) throws(RowInputsError) -> [String] {
    guard words.count == names.count else { throw .inputs(words: words, names: names) }
    var paths: [String] = []
    for name in names {
      guard let word = words.first(where: { $0.hasPrefix(name + "=") }) else {
        guard names.count == 1 else { throw .inputs(words: words, names: names) }
        return words
      }
      paths.append(String(word.dropFirst(name.count + 1)))
    }
    return paths
  }

  /// Where errors are that no one file makes.
  var place: String { files.map(\.path).joined(separator: ", ") }

  /// What happened to pixels; `nil` where there are none.
  var pixels: PixelReport? { files.count == 1 ? files[0].file.pixels : nil }

  /// The runs of the network, where `rows` tells what a file has for the input of a position.
  func rows<Element>(
    _ rows: (NumPyArray, Int) throws -> RowInputs<Element>
  ) throws(PipelineError) -> RowInputs<Element> {
    var parts: [RowInputs<Element>] = []
    for (position, file) in files.enumerated() {
      parts.append(try PipelineError.naming(file.path) { try rows(file.file.array, position) })
    }
    return try PipelineError.naming(place) {
      parts.count == 1 ? parts[0] : try RowInputs(joining: parts)
    }
  }
}

/// An input file as a network takes it.
struct InputFile {
  let array: NumPyArray
  /// What happened to pixels; `nil` where there are none.
  let pixels: PixelReport?

  /// Reads the `.npy` file at `path`, whose numbers are taken as they are.
  init(values path: String) throws(PipelineError) {
    array = try PipelineError.naming(path) { try NumPyArray(file: try AtomicFile.read(path)) }
    pixels = nil
  }

  /// Reads the rows of the `.npy` file at `path`, pictures of another size than the network's brought
  /// to it, or the one row that an image file makes.
  ///
  /// - Parameters:
  ///   - model: What the network is called.
  ///   - shape: What it takes.
  init(
    _ path: String, _ handling: PixelHandling, model: String, shape: Shape
  ) throws(PipelineError) {
    func report(_ images: Dataset) throws -> PixelReport {
      PixelReport(
        handling, try images.fitted(handling.preprocessing, inputShape: shape),
        at: Array(0..<images.count), model: model, inputShape: shape)
    }
    (array, pixels) = try PipelineError.naming(path) {
      let images: Dataset
      if path.lowercased().hasSuffix(".npy") {
        let array = try NumPyArray(file: try AtomicFile.read(path))
        // Those of the right size may be rows of a batch.
        guard array.type == .uint8, array.shape.count == 4, !array.shape.contains(0) else {
          return (array, nil)
        }
        images = try DatasetReader.open(path, split: .test, needsLabels: false)
        let isSized = array.shape.dropFirst() == shape.dimensions.dropFirst()
        if isSized, !handling.preprocessing.resizesAll { return (array, try report(images)) }
      } else {
        images = DatasetReader.photo(path)
      }
      let fitted = try images.fitted(handling.preprocessing, inputShape: shape)
      let pixels = try (0..<fitted.count).flatMap { try fitted.image(at: $0).pixels }
      return (
        NumPyArray(pixels, shape: [fitted.count] + shape.dimensions.dropFirst()),
        try report(images)
      )
    }
  }
}
