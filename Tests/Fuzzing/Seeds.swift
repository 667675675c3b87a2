import Boards
import Calibration
import Datasets
import Files
import FloatReference
import Foundation
import LayerCases
import MobileNets
import ModelExport
import ModelImport
import NetworkGraph
import QuantizedIR
import Tensors
import TestSupport

/// Sound files of every format to begin with, and the networks that other files are about.
enum Seeds {
  /// The small float network that calibrations, sidecars and boards go with.
  static let graph: Graph = {
    let file = Locations.tests.appending(path: "ModelImportTests/Fixtures/flattened.onnx")
    guard let bytes = try? Data(contentsOf: file),
      case .float(let graph)? = try? ModelImporter.load(bytes: bytes, name: "flattened")
    else { fatalError("\(file.path) is no float network") }
    return graph.simplified()
  }()

  /// `graph` as int8.
  static let quantizedGraph: QuantizedModel = {
    guard let table = calibration(of: graph), let model = ModelCheck.quantized(graph, table) else {
      fatalError("\(graph.name) cannot be quantized")
    }
    return model
  }()

  /// One board for each instruction set that firmware has kernels for.
  static let boards: [Board] = ["cortex-m0plus", "cortex-m4", "cortex-m55"].map { name in
    guard let board = try? BoardCatalog.board(named: name) else { fatalError("no board \(name)") }
    return board
  }

  static let picture = file("Tests/DatasetsTests/Images/gray.png")

  /// Two inputs of `graph`.
  static func images(of graph: Graph) -> [[Float]] {
    (0..<2).map { image in
      (0..<graph.inputShape.count).map { Float(($0 &* 31 &+ image &* 17) % 255) / 127 - 1 }
    }
  }

  /// What `graph` computes on its images; `nil` where that is no finite number.
  static func calibration(of graph: Graph) -> CalibrationTable? {
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    var isFinite = true
    for image in images(of: graph) {
      _ = reference.run(image, in: arena) { tensor, values in
        if statistics[tensor].observe(values) != nil { isFinite = false }
      }
    }
    guard isFinite else { return nil }
    return CalibrationTable(
      tool: "fuzz", model: CalibratedModel(file: "model.onnx", sha256: "00"),
      preprocessing: graph.preprocessing,
      sample: CalibrationSample(
        dataset: "none", path: "none", split: "train", recordCount: 2, imageCount: 2,
        sha256: "00"),
      shards: .whole, method: .minMax, names: graph.tensors.map(\.name),
      statistics: statistics)
  }

  /// The seeds of `format`, by name.
  static func files(_ format: FuzzFormat) -> [String: Data] {
    var files = folder("Tests/Fuzzing/Fixtures/\(format.rawValue)", "")
    files.merge(sound(format)) { fixture, _ in fixture }
    return files
  }

  private static func sound(_ format: FuzzFormat) -> [String: Data] {
    switch format {
    case .onnx:
      folder("Tests/ModelImportTests/Fixtures", ".onnx").merging(
        folder("Tests/ModelImportTests/Fixtures/Quantized", ".onnx")
      ) { first, _ in first }
    case .floatTFLite: ["float.tflite": file("Tests/Oracles/tflite/float.tflite")]
    case .int8TFLite:
      folder("Tests/Oracles/tflite", ".tflite").filter { $0.key != "float.tflite" }
    case .mnq: layers()
    case .safetensors: weights()
    case .torch: folder("Tests/FilesTests/Torch", ".pth")
    case .calibration: ["calibration.json": (try? calibration(of: graph)?.bytes()) ?? Data()]
    case .npy: arrays()
    case .jpeg: folder("Tests/DatasetsTests/Images", ".jpg")
    case .png: folder("Tests/DatasetsTests/Images", ".png")
    case .cifar: ["records": records]
    case .classes: ["classes.txt": Data("b c Bee Sea\na\n".utf8)]
    case .sidecar: ["model.json": Data(sidecar.utf8)]
    case .board: folder("targets", ".json")
    }
  }

  /// Two records, and ten names behind them.
  private static var records: Data {
    let record = [UInt8](repeating: 3, count: 3073)
    let names = (0..<10).map { "class \($0)" }.joined(separator: "\n")
    return Data(record + record + Array(names.utf8))
  }

  private static let sidecar = """
    {"preprocessing": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 1], "resize": [9, 10], "crop": 8, \
    "squash": true}, "labels": ["a", "*/ b", "c\\u0301", "d"]}
    """

  /// The smallest model of each kind of layer, and a small network.
  private static func layers() -> [String: Data] {
    var files: [String: Data] = ["network.mnq": (try? SmallNetwork.model.fileBytes()) ?? Data()]
    for row in LayerCase.all {
      guard let bytes = try? row.model.fileBytes() else { continue }
      let kinds = row.model.layers.map { "\($0.operation)".prefix { $0 != "(" } }
      let name = kinds.joined(separator: "-") + ".mnq"
      if bytes.count < files[name]?.count ?? .max { files[name] = bytes }
    }
    return files
  }

  static let narrow = "mobilenet-v1-small,width=0.02,classes=2"

  /// All weights of a narrow network. The builder says which are missing and how large.
  private static func weights() -> [String: Data] {
    let architecture = narrow
    var tensors: [String: SafetensorsTensor] = [:]
    while true {
      let file = Safetensors(tensors: tensors, metadata: ["architecture": architecture])
      do throws(BuildError) {
        guard let named = try? Architecture(architecture) else { return [:] }
        _ = try named.graph(weights: .file(file))
        return ["weights.safetensors": (try? file.bytes()) ?? Data()]
      } catch .missing(let tensor, let shape, _) {
        let values = (0..<shape.reduce(1, *)).map { Float($0 % 7 + 1) / 8 }
        let bytes = values.withUnsafeBytes { Data($0) }
        tensors[tensor] = SafetensorsTensor(dtype: "F32", shape: shape, bytes: bytes)
      } catch {
        return [:]
      }
    }
  }

  private static func arrays() -> [String: Data] {
    [
      "pixels.npy": NumPyArray((0..<384).map { UInt8($0 % 256) }, shape: [2, 8, 8, 3]).file(),
      "reals.npy": NumPyArray((0..<192).map { Float($0) / 99 }, shape: [1, 8, 8, 3]).file(),
      "labels.npy": NumPyArray((0..<3).map { Int64($0) }, shape: [3]).file(),
      "codes.npy": NumPyArray((0..<64).map { Int8($0) }, shape: [64]).file(),
    ]
  }

  private static func file(_ path: String) -> Data {
    (try? Data(contentsOf: Locations.package.appending(path: path))) ?? Data()
  }

  private static func folder(_ path: String, _ ending: String) -> [String: Data] {
    let folder = Locations.package.appending(path: path).path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(ending) }.reduce(into: [:]) {
      $0[$1] = file("\(path)/\($1)")
    }
  }
}
