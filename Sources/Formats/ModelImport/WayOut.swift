internal import FoundationEssentials
private import Glibc
internal import TFLiteSchema

/// The nearest thing to do about an operator that cannot be imported.
package enum WayOut: Hashable, CaseIterable, Sendable {
  /// It computes sizes or masks, which are constants once the input's sizes are.
  case fixedSizes
  /// It decides or picks from what the network gave.
  case tail
  /// It finds scales while the network runs.
  case floatModel
  case otherActivation
  case otherNormalization
  case otherNetwork
  /// A domain of its own: what a runtime's optimizer writes.
  case unoptimized
  /// A domain of its own: a function of the file.
  case inlined
  /// TensorFlow's own operator in a TensorFlow Lite file.
  case builtinsAlone
  case integerModel
  /// An operator that LiteRT has and TensorFlow Lite Micro has not.
  case otherRuntime
  case replaced

  /// For node `name` of ONNX in `domain`.
  package init(onnx name: String, domain: String) {
    switch domain {
    case "", "ai.onnx": self = Self.onnx[name] ?? .replaced
    case _ where domain.hasPrefix("com.microsoft") || domain.hasPrefix("ai.onnxruntime"):
      self = name.hasPrefix("Q") || name.contains("uantize") ? .floatModel : .unoptimized
    case _ where domain.hasPrefix("pkg.") || domain.hasPrefix("local"): self = .inlined
    default: self = .replaced
    }
  }

  /// For an operator of TensorFlow Lite, as the schema spells it.
  package init(tensorFlowLite kind: String, isFloatModel: Bool) {
    if kind.hasPrefix("custom operator") || kind.hasPrefix("STABLEHLO") {
      self = .builtinsAlone
    } else if isFloatModel, ["QUANTIZE", "DEQUANTIZE"].contains(kind) {
      self = .integerModel
    } else {
      self = Self.tensorFlowLite[kind] ?? .replaced
    }
  }

  private static let onnx = table([
    .fixedSizes: """
    Mod Range Where Equal Greater GreaterOrEqual Less LessOrEqual Not \
    And Or Xor NonZero Size If Loop Scan ScatterND ScatterElements GatherND GatherElements \
    OneHot CumSum Trilu EyeLike Compress SequenceConstruct SequenceAt SequenceInsert \
    SequenceErase SequenceLength SequenceEmpty SplitToSequence ConcatFromSequence SequenceMap Optional \
    OptionalGetElement OptionalHasElement CastLike
    """,
    .tail: """
    ArgMax ArgMin TopK NonMaxSuppression Hardmax RoiAlign MaxRoiPool Unique ReduceProd
    """,
    .floatModel: """
    ConvInteger MatMulInteger DynamicQuantizeLinear
    """,
    .otherActivation: """
    Shrink Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh
    """,
    .otherNormalization: """
    InstanceNormalization GroupNormalization LayerNormalization LRN MeanVarianceNormalization \
    RMSNormalization
    """,
    .otherNetwork: "LSTM GRU RNN Attention Einsum MatMul RotaryEmbedding",
  ])

  private static let tensorFlowLite = table([
    .fixedSizes: """
    SHAPE GATHER_ND RANGE FILL RANK EQUAL NOT_EQUAL LOGICAL_AND LOGICAL_OR LOGICAL_NOT WHERE \
    WHILE IF CALL CALL_ONCE BROADCAST_ARGS CAST FLOOR_DIV FLOOR_MOD \
    REDUCE_PROD DYNAMIC_UPDATE_SLICE ZEROS_LIKE ONE_HOT CUMSUM
    """,
    .tail: """
    ARG_MAX ARG_MIN TOPK_V2 NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 UNIQUE \
    REDUCE_ANY REDUCE_ALL
    """,
    .otherActivation: """
    NEG SQUARE POW FLOOR CEIL ROUND SIGN SIN COS LESS LESS_EQUAL GREATER GREATER_EQUAL SELECT \
    SELECT_V2
    """,
    .otherNormalization: "LOCAL_RESPONSE_NORMALIZATION",
    .otherNetwork: """
    LSTM RNN SVDF UNIDIRECTIONAL_SEQUENCE_RNN UNIDIRECTIONAL_SEQUENCE_LSTM \
    BIDIRECTIONAL_SEQUENCE_RNN BIDIRECTIONAL_SEQUENCE_LSTM BATCH_MATMUL EMBEDDING_LOOKUP
    """,
    .integerModel: "FAKE_QUANT DENSIFY",
  ])

  private static func table(_ names: [WayOut: String]) -> [String: WayOut] {
    names.reduce(into: [:]) { table, entry in
      for name in entry.value.split(separator: " ") { table[String(name)] = entry.key }
    }
  }
}

extension WayOut: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixedSizes:
      "it belongs to sizes that are computed: export with fixed ones (Keras: an Input with "
        + "batch_size=1; PyTorch: no dynamic_axes, dynamo=True), or fold them with onnxsim"
    case .tail:
      "where it ends the network, end the network in front of it and let the caller do this step"
    case .floatModel:
      "give the float model, or quantize it with fixed scales (quantize_static of ONNX Runtime), not "
        + "while it runs"
    case .otherActivation:
      "put another activation in its place and train on"
    case .otherNormalization:
      "put batch normalization in its place, which costs nothing once folded, and train on"
    case .otherNetwork: "recurrent networks and attention are not what this tool is for"
    case .unoptimized:
      "a runtime's optimizer wrote it: give the model as it was exported, or save it with graph "
        + "optimizations off"
    case .inlined:
      "it is a function: inline it with onnx.inliner.inline_local_functions, or export with "
        + "dynamo=False"
    case .builtinsAlone: "convert with target_spec.supported_ops = [TFLITE_BUILTINS] alone"
    case .integerModel:
      "only parts of the model are quantized: convert it as float32, or all of it to int8 with a "
        + "representative dataset"
    case .otherRuntime: "TensorFlow Lite Micro does not have it: import with --exact-with litert"
    case .replaced: "build the network without it, or end the network in front of it"
    }
  }
}

/// What model files may hold, by their formats' own names, sorted.
package enum SupportedOperators {
  package static var onnx: [String] {
    (Array(ONNXOperator.all.keys) + ONNXOperator.quantized.keys).sorted()
  }
  package static var floatTensorFlowLite: [String] {
    BuiltinOperator.allCases.filter(\.isFloat).map(\.name).sorted()
  }
  package static var int8TensorFlowLite: [String] {
    BuiltinOperator.allCases.map(\.name).sorted()
  }
}

/// Files of other tools that hold a network in a form that is not read here, with the lines that turn
/// them into one that is.
package enum ForeignFile: Hashable, Sendable {
  case hdf5
  case kerasArchive
  case savedModel
  case torch
  case frozenGraph
  case coreML

  /// What the file or folder at `path` is, which begins with `bytes`; `nil` where nobody knows.
  static func recognized(_ path: String, _ bytes: Data) -> ForeignFile? {
    let ending = URL(filePath: path).pathExtension.lowercased()
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) { return .hdf5 }
    if ending == "mlmodel" || ending == "mlpackage" { return .coreML }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) {
      return ending == "keras" || contains(bytes, "model.weights.h5") ? .kerasArchive : .torch
    }
    // A pickle of protocol 2 and later, with which older files of PyTorch begin.
    if bytes.starts(with: [0x80]), ["pth", "pt", "pkl", "bin", "ckpt"].contains(ending) {
      return .torch
    }
    if ending == "pb" {
      return isSavedModel(URL(filePath: path).deletingLastPathComponent())
        ? .savedModel : .frozenGraph
    }
    return nil
  }

  /// What the folder at `path` is.
  static func folder(_ path: String) -> ForeignFile? {
    let url = URL(filePath: path)
    if url.pathExtension.lowercased() == "mlpackage" { return .coreML }
    return isSavedModel(url) ? .savedModel : nil
  }

  private static func isSavedModel(_ folder: URL) -> Bool {
    ["saved_model.pb", "saved_model.pbtxt"].contains { name in
      FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }
  }

  private static func contains(_ bytes: Data, _ name: String) -> Bool {
    let name = Array(name.utf8)
    return bytes.withUnsafeBytes { bytes in
      bytes.count >= name.count
        && (0...bytes.count - name.count).contains {
          bytes[$0] == name[0] && bytes[$0..<$0 + name.count].elementsEqual(name)
        }
    }
  }
}

extension ForeignFile: CustomStringConvertible {
  /// What it is and what helps.
  package var description: String {
    switch self {
    case .hdf5:
      "this is HDF5, as Keras 2 and h5py write it; in Python: net = keras.models.load_model(FILE); "
        + "net.export(\"net.onnx\", format=\"onnx\")"
    case .kerasArchive:
      "this is Keras' own format; in Python: net = keras.models.load_model(FILE); "
        + "net.export(\"net.onnx\", format=\"onnx\")"
    case .savedModel:
      "this is a SavedModel; in a shell: python -m tf2onnx.convert --saved-model FOLDER --output net.onnx"
    case .torch:
      "these are weights or a program of PyTorch; name weights .pth and say --architecture, such as "
        + "mobilenet-v2,width=0.5, or in Python: torch.onnx.export(net.eval(), input, \"net.onnx\")"
    case .frozenGraph:
      "this is a graph of TensorFlow 1; in a shell: python -m tf2onnx.convert --graphdef FILE "
        + "--inputs input:0 --outputs output:0 --output net.onnx"
    case .coreML:
      "this is Core ML, which cannot be turned back; export the network that it was made from as ONNX"
    }
  }
}
