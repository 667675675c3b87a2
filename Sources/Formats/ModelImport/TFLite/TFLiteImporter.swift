internal import FlatBuffers
internal import FoundationEssentials
internal import NetworkGraph
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// Reads TensorFlow Lite files: int8 ones into quantized models, float ones into graphs.
enum TFLiteImporter {
  /// Whether `bytes` call themselves a TensorFlow Lite file.
  static func recognizes(_ bytes: Data) -> Bool {
    FlatBuffer.isNamed(TFLiteFormat.identifier, bytes)
  }

  /// The model in `bytes`, called `name`.
  static func load(
    _ bytes: Data, name: String, metadata: ModelMetadata?, provenance: Provenance
  ) throws(ImportError) -> ImportedModel {
    let file = try TFLiteFile(bytes: Array(bytes))
    if let wide = file.tensors.first(where: { $0.isWide && !$0.isConstant }) {
      throw .wideCodes(tensor: wide.name)
    }
    if let input = file.inputs.first(where: { file.tensors[$0].openAxes.contains { $0 > 0 } }) {
      throw .input(
        name: file.tensors[input].name,
        found: "sizes that the file leaves open along the axes \(file.tensors[input].openAxes)",
        expected:
          "an image of fixed sizes; give the network these (Keras: input_shape=(224, 224, 3)) and "
          + "convert it again")
    }
    guard file.isInt8 else { return .float(try graph(file, name: name, metadata: metadata)) }
    var importer = Int8Importer(file, runtime: provenance.exactWith ?? .litert)
    var model = try importer.model(
      name: name, labels: metadata?.labels ?? [], provenance: provenance)
    try metadata?.check(inputs: file.inputs.count)
    if let preprocessing = try metadata?.preprocessing(channels: model.inputTensor.shape.channels) {
      model.pixelEncoding = PixelEncoding(preprocessing: preprocessing, input: model.inputTensor)
    }
    if model.pixelEncoding == nil, file.inputs.count == 1, file.tensors[file.inputs[0]].isUnsigned,
      model.inputTensor.shape.rank == 4 || model.inputTensor.shape.channels <= Self.mostColors
    {
      // Its codes are pixels, or as good as these: the caller's bytes.
      let input = model.inputTensor
      let channels = input.shape.channels
      model.pixelEncoding = PixelEncoding(
        preprocessing: Preprocessing(
          mean: [Float](repeating: Float(input.zeroPoint + 128) / 255, count: channels),
          std: [Float](repeating: Float(1 / (255 * input.scale)), count: channels)),
        input: input)
    }
    try metadata?.checkLabels(model.namedOutputs)
    return .quantized(model)
  }

  /// The most channels of rows and vectors that get a table of 256 codes each.
  private static let mostColors = 16

  private static func graph(
    _ file: TFLiteFile, name: String, metadata: ModelMetadata?
  ) throws(ImportError) -> Graph {
    var importer = FloatImporter(file)
    var graph = try importer.graph(name: name)
    try metadata?.check(inputs: file.inputs.count)
    if let preprocessing = try metadata?.preprocessing(channels: graph.inputShape.channels) {
      graph.preprocessing = preprocessing
      graph.preprocessingOrigins = metadata?.origins ?? PreprocessingOrigins()
    }
    try metadata?.checkLabels(graph.namedOutputs)
    graph.labels = metadata?.labels ?? []
    return graph
  }
}

extension TFLiteFile {
  /// Whether what operators compute is int8 or uint8, but for the network's border; without any, whether
  /// that is.
  fileprivate var isInt8: Bool {
    func isInt8(_ tensor: Int) -> Bool {
      tensors[tensor].typeCode == TFLiteType.int8.rawValue && !tensors[tensor].isConstant
    }
    guard !operators.isEmpty else {
      return inputs.contains { isInt8($0) || tensors[$0].isUnsigned }
    }
    return operators.contains { node in
      node.outputs.contains { tensors[$0].isUnsigned }
        || (node.outputs + node.inputs.compactMap(\.self)).contains(where: isInt8)
    }
  }
}

/// A file about a batch of several images of real numbers, as one about one of them. Of codes a batch
/// is a batch.
struct TFLiteBatch {
  private(set) var tensors: [TFLiteTensor]

  /// Where the sizes stand that an operator is told: `kind` to the number of the input.
  private static let toldSizes = ["RESHAPE": 1, "SLICE": 2, "TRANSPOSE_CONV": 0, "BROADCAST_TO": 1]

  init(_ tensors: [TFLiteTensor], _ operators: [TFLiteOperator], inputs: [Int]) {
    self.tensors = tensors
    let sizes = inputs.map { tensors.indices.contains($0) ? tensors[$0].dimensions.first ?? 1 : 1 }
    guard let batch = sizes.first, batch > 1, sizes.allSatisfy({ $0 == batch }),
      inputs.allSatisfy({
        tensors.indices.contains($0) && tensors[$0].dimensions.count > 1
          && tensors[$0].typeCode == TFLiteType.float32.rawValue
      })
    else { return }
    for index in tensors.indices where !tensors[index].isConstant && !tensors[index].isInteger {
      var dimensions = tensors[index].dimensions
      guard let first = dimensions.first, first % batch == 0 else { continue }
      dimensions[0] = first / batch
      self.tensors[index] = tensors[index].sized(dimensions)
    }
    var changed: Set<Int> = []
    for operation in operators {
      guard let position = Self.toldSizes[operation.kind],
        operation.inputs.indices.contains(position), let input = operation.inputs[position],
        tensors.indices.contains(input), tensors[input].isConstant, !changed.contains(input),
        var told = try? tensors[input].integers(), let first = told.first, first > 0,
        first % batch == 0
      else { continue }
      told[0] = first / batch
      self.tensors[input] = tensors[input].holding(told, tensors[input].dimensions)
      changed.insert(input)
    }
  }
}

/// The steps at the end of a network that pick from what it gives, which are left to the caller.
struct TFLiteTail {
  /// What the caller reads: of an output that a step gives, what the step reads.
  private(set) var outputs: [Int]
  /// Those that are left.
  private(set) var operators: [TFLiteOperator]
  private(set) var steps: [CallerStep] = []

  private static let deciding: [String: CallerStep.Operation] = [
    "ARG_MAX": .argMax, "ARG_MIN": .argMin, "TOPK_V2": .topK,
  ]
  private static let passing: Set = ["CAST", "EXPAND_DIMS", "RESHAPE", "SQUEEZE"]

  init(_ tensors: [TFLiteTensor], _ operators: [TFLiteOperator], outputs: [Int]) {
    self.outputs = outputs
    self.operators = operators
    var producers: [Int: Int] = [:]
    for (index, node) in operators.enumerated() {
      for output in node.outputs { producers[output] = index }
    }
    var removed: Set<Int> = []
    var (sources, steps) = (outputs, [CallerStep]())
    for (position, output) in outputs.enumerated() where tensors.indices.contains(output) {
      var (tensor, nodes) = (output, [Int]())
      while let index = producers[tensor], !nodes.contains(index),
        let source = operators[index].inputs.first ?? nil, tensors.indices.contains(source)
      {
        nodes.append(index)
        let kind = operators[index].kind
        let operation =
          kind == "LOG_SOFTMAX" && tensors[source].typeCode == TFLiteType.int8.rawValue
          ? .logSoftmax : Self.deciding[kind]
        if let operation {
          steps.append(CallerStep(operation, output: tensors[output].name))
          sources[position] = source
          removed.formUnion(nodes)
          break
        }
        guard Self.passing.contains(kind) else { break }
        tensor = source
      }
    }
    let gone = Set(removed.flatMap { operators[$0].outputs })
    let kept = operators.indices.filter { !removed.contains($0) }
    guard !steps.isEmpty,
      kept.allSatisfy({ gone.isDisjoint(with: operators[$0].inputs.compactMap(\.self)) })
    else { return }
    (self.outputs, self.operators, self.steps) = (sources, kept.map { operators[$0] }, steps)
  }
}
