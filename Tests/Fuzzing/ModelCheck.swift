import BoardKernels
import Boards
import CEmitter
import Calibration
import Engines
import Files
import FixedPoint
import FloatReference
import Foundation
import MobileNets
import ModelExport
import ModelImport
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors

/// What the commands do with a model, one after another, from its bytes to the emitted text.
enum ModelCheck {
  /// Products that one inference may take: beyond it a sound file only costs time.
  private static let mostProducts = 200_000
  /// Values that all tensors may have, for the same reason.
  private static let mostValues = 100_000

  /// A model file of any format.
  static func model(_ bytes: Data) {
    guard let model = try? ModelImporter.load(bytes: bytes, name: "fuzz") else { return }
    switch model {
    case .float(let graph): float(graph.simplified())
    case .quantized(let model): quantized(model)
    }
  }

  /// Named weights of a network whose name the file gives; PyTorch's give none.
  static func weights(_ bytes: Data) {
    guard let file = try? Safetensors(weightsFile: bytes) else { return }
    let named = file.metadata["architecture"]
    guard let spelling = named ?? (TorchFile.recognizes(bytes) ? Seeds.narrow : nil) else {
      return
    }
    guard let graph = try? Architecture(spelling).graph(weights: .file(file)) else { return }
    float(graph.simplified())
  }

  /// A calibration of the small float network.
  static func calibration(_ bytes: Data) {
    guard let table = try? CalibrationTable(bytes: bytes) else { return }
    let graph = Seeds.graph
    guard (try? table.check(graph, modelSHA256: table.model.sha256)) != nil else { return }
    _ = table.warnings.map(\.description)
    if let model = quantized(graph, table) { quantized(model) }
    if let merged = try? CalibrationTable.merge([table, table]) { _ = try? merged.bytes() }
  }

  /// What lies beside a model: its text reaches the firmware.
  static func sidecar(_ bytes: Data) {
    let model = Scratch.folder + "/model"
    Scratch.write(bytes, "model.json")
    guard let graph = try? ModelImporter.described(Seeds.graph, besideFile: model + ".onnx") else {
      return
    }
    var quantized = Seeds.quantizedGraph
    quantized.labels = graph.labels
    quantized.pixelEncoding = PixelEncoding(
      preprocessing: graph.preprocessing, input: quantized.inputTensor)
    emit(quantized, for: Seeds.boards[0])
  }

  /// A board of the user's own.
  static func board(_ bytes: Data) {
    guard let board = try? Board(json: [UInt8](bytes), file: "board.json") else { return }
    emit(Seeds.quantizedGraph, for: board)
  }

  private static func float(_ graph: Graph) {
    let values = graph.tensors.reduce(0) { $0 + $1.shape.count }
    guard graph.macs <= mostProducts, values <= mostValues else { return }
    guard let table = Seeds.calibration(of: graph) else { return }
    if let model = quantized(graph, table) { quantized(model) }
  }

  /// By the recipe `fast` where files get all, and for one network in eight; else `minmax`, which
  /// takes a tenth of the time.
  static func quantized(_ graph: Graph, _ table: CalibrationTable) -> QuantizedModel? {
    let mark = table[graph.tensors[graph.output].name]?.range.upperBound.bitPattern ?? 0
    let recipe: Recipe = takesAll || mark % 8 == 0 ? .fast : .minmax
    return try? recipe.passes.quantize(
      graph, table, images: Seeds.images(of: graph),
      provenance: Provenance(
        tool: "fuzz", source: graph.name, sourceSHA256: "", recipe: recipe.rawValue,
        rounding: .double, calibration: nil))
  }

  /// Of what comes after the import, each file gets one part by its content: a hundred files then
  /// meet all of it in the time of a dozen. Files that were found get all.
  nonisolated(unsafe) static var takesAll = false

  private static func quantized(_ model: QuantizedModel) {
    let values = model.tensors.reduce(0) { $0 + $1.shape.count }
    let products = model.layers.reduce(0) { $0 + $1.operation.macs }
    guard values <= mostValues else { return }
    var parts: [() -> Void] = Seeds.boards.map { board in { emit(model, for: board) } }
    if products <= mostProducts { parts.append { compare(model) } }
    parts.append { export(model) }
    if takesAll { return parts.forEach { $0() } }
    let mark = model.layers.reduce(values &+ products) { $0 &* 31 &+ $1.name.utf8.count }
    parts[Int(mark.magnitude % UInt(parts.count))]()
  }

  private static func export(_ model: QuantizedModel) {
    if let bytes = try? model.fileBytes() {
      let again = try? QuantizedModel(fileBytes: bytes)
      guard again == model else { fatalError("the .mnq file reads as another model") }
    }
    for runtime in ExactRuntime.allCases { _ = try? TFLiteExporter.file(model, for: runtime) }
    _ = try? ONNXExporter.file(model)
  }

  /// All engines on one input.
  private static func compare(_ model: QuantizedModel) {
    let input = (0..<model.inputShape.count).map { Int8(truncatingIfNeeded: $0 &* 37) }
    let expected = BoundModel.plain(model).run(input)
    var host = BoundModel.host(model).makeArena()
    guard host.run(input) == expected else { fatalError("the host engine gives other bytes") }
    for instructionSet in InstructionSet.allCases {
      guard let board = try? BoundModel.board(model, for: instructionSet) else { continue }
      var arena = board.makeArena()
      guard arena.run(input) == expected else { fatalError("the board gives other bytes") }
    }
  }

  private static func emit(_ model: QuantizedModel, for board: Board) {
    let test = SelfTest(
      input: Array(repeating: 1, count: model.inputShape.count),
      output: Array(repeating: 1, count: model.outputShape.count))
    do {
      let firmware = try Firmware(
        model, board: board, prefix: "net", selfTests: [test], trace: RowTrace.checksums)
      for file in try firmware.files() where !file.path.hasPrefix("runtime/") {
        // C files are read by compilers that know nothing but ASCII, and by people.
        let isText = file.text.utf8.allSatisfy { $0 == 10 || $0 == 9 || (32..<127).contains($0) }
        guard isText || !file.path.hasSuffix(".c") && !file.path.hasSuffix(".h") else {
          fatalError("\(file.path) has bytes that are no text")
        }
      }
    } catch {
      guard !"\(error)".isEmpty else { fatalError("an error without words") }
    }
  }
}
