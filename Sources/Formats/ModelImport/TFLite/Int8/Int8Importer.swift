internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// Turns the network of an int8 TensorFlow Lite file into a quantized model, operator by operator.
struct Int8Importer {
  let file: TFLiteFile
  private let runtime: ExactRuntime

  var tensors: [QuantizedTensor] = []
  var layers: [Layer] = []
  /// The tensor of the model that holds a tensor of the file.
  private(set) var known: [Int: Int] = [:]
  /// What the file computes in real numbers of the codes of one tensor, by the file's tensor.
  private(set) var functions: [Int: CodeFunction] = [:]
  var names = UniqueNames()
  /// The tensors of the model that the caller fills, by the file's.
  private var inputs: [Int: Int] = [:]

  init(_ file: TFLiteFile, runtime: ExactRuntime) {
    self.file = file
    self.runtime = runtime
  }

  /// The whole model, called `name`.
  mutating func model(
    name: String, labels: [String], provenance: Provenance
  ) throws(ImportError) -> QuantizedModel {
    try addInputs()
    let realInputs = inputs.count < file.inputs.count
    // Of an output that is real values: the tensor of their codes.
    var sources: [Int: Int] = [:]
    for operation in file.operators {
      do throws(NodeProblem) {
        if let (output, source) = dequantized(operation) {
          sources[output] = source
        } else if let function = try codeFunction(operation) {
          functions[operation.outputs[0]] = function
        } else if operation.code != .dequantize, operation.outputs.contains(where: file.isReal) {
          throw .partInFloat
        } else {
          try convert(operation)
        }
      } catch {
        throw .node(
          name: operation.outputs.first.map { file.tensors[$0].name } ?? "",
          operation: operation.kind, error)
      }
    }
    let results = file.outputs.compactMap { known[sources[$0] ?? $0] }
    let inputs = file.inputs.compactMap { self.inputs[$0] }
    guard inputs.count == file.inputs.count, results.count == file.outputs.count else {
      throw .interface(kind: "output that operators compute from the input", names: [])
    }
    var model = QuantizedModel(
      name: name, tensors: tensors, layers: layers, inputs: inputs, outputs: results,
      outputNames: file.outputNames, pixelEncoding: nil, labels: labels, provenance: provenance,
      inputIsReal: realInputs, outputIsReal: !sources.isEmpty
    ).withOutputsOfTheirOwn
    model.callerSteps = file.callerSteps
    if let problem = model.inconsistency() { throw .damaged(offset: nil, problem: problem) }
    return model
  }

  /// Adds the file's inputs, but for those that are real: the operator that quantizes one adds the
  /// model's.
  private mutating func addInputs() throws(ImportError) {
    for input in file.inputs where file.tensors[input].typeCode != TFLiteType.float32.rawValue {
      do throws(NodeProblem) {
        inputs[input] = try addTensor(input)
        known[input] = inputs[input]
      } catch {
        throw .node(name: file.tensors[input].name, operation: "input", error)
      }
    }
  }

  /// An output of the file, and the tensor whose real values `operation` gives there; `nil` for any
  /// other operator.
  private func dequantized(_ operation: TFLiteOperator) -> (output: Int, source: Int)? {
    guard operation.code == .dequantize, operation.outputs.count == 1,
      let output = operation.outputs.first, file.outputs.contains(output),
      let source = operation.inputs.first ?? nil
    else { return nil }
    return (output, source)
  }

  private mutating func convert(_ operation: TFLiteOperator) throws(NodeProblem) {
    guard let code = operation.code else {
      throw .unsupportedOperator(WayOut(tensorFlowLite: operation.kind, isFloatModel: false))
    }
    if operation.outputs.contains(where: { file.tensors[$0].typeCode == TFLiteType.bool.rawValue })
    {
      throw .unsupportedOperator(WayOut(tensorFlowLite: operation.kind, isFloatModel: false))
    }
    if code.moves { return try move(code, operation) }
    guard operation.outputs.count == 1, let output = operation.outputs.first else {
      throw .outputCount(expected: 1, found: operation.outputs.count)
    }
    guard known[output] == nil, !file.inputs.contains(output), !file.tensors[output].isConstant
    else {
      throw .outputExists(file.tensors[output].name)
    }
    if code == .quantize, operation.inputs.count == 1, let input = operation.inputs[0],
      file.inputs.contains(input), inputs[input] == nil
    {
      inputs[input] = try addTensor(output)
      known[output] = inputs[input]
      return
    }
    if code == .quantize, let function = operation.inputs.first?.flatMap({ functions[$0] }) {
      known[output] = try addTable(function, addTensor(output))
      return
    }
    let inputs = try operands(code, operation)
    guard inputs.count == 1 || inputs.contains(where: { tensors[$0].constant == nil }) else {
      throw .constant(tensors[inputs[0]].name)
    }
    if code == .reshape || code == .squeeze || code == .expandAxes {
      if code == .reshape {
        try operation.checkNewSizes(
          file, count: tensors[inputs[0]].shape.count, output: file.tensors[output].dimensions)
      }
      known[output] = try addTensor(output, aliasOf: inputs[0])
      return
    }
    let index = try addTensor(output)
    let node = Int8Node(
      code, operation, file, operands: inputs.map { tensors[$0] }, output: tensors[index],
      runtime: runtime)
    try addLayers(node, inputs, output: index)
    known[output] = index
  }

  /// The tensors of the model that `operation` reads as codes; its other inputs are constants that
  /// become part of the layer.
  private mutating func operands(
    _ code: BuiltinOperator, _ operation: TFLiteOperator
  ) throws(NodeProblem) -> [Int] {
    let count =
      switch code {
      case .add, .subtract, .multiply, .maximum, .minimum, .squaredDifference: 2
      case .concatenation, .pack: max(1, operation.inputs.count)
      case .averagePool2D, .conv2D, .depthwiseConv2D, .dequantize, .fullyConnected, .logistic,
        .maxPool2D, .relu, .relu6, .reshape, .softmax, .pad, .transpose, .mean, .quantize,
        .hardSwish, .logSoftmax, .reduceMaximum, .reluN1To1, .relu0To1, .tanh, .elu, .gelu,
        .leakyRelu, .abs, .exp, .sqrt, .neg, .prelu, .gather, .slice, .stridedSlice, .split,
        .splitV, .unpack, .depthToSpace, .spaceToDepth, .resizeBilinear, .resizeNearestNeighbor,
        .tile, .transposeConv, .divide, .squeeze, .expandAxes, .log, .sum, .rsqrt, .power,
        .reduceMinimum, .square, .mirrorPad, .padValue, .floor, .ceil, .round,
        .sign, .l2Normalization, .reverse, .broadcastTo, .less, .lessEqual, .greater, .greaterEqual,
        .select, .selectV2:
        1
      }
    // SPLIT names its axis first; the image of TRANSPOSE_CONV comes behind the output's sizes and the
    // weights.
    let first = code == .split ? 1 : code == .transposeConv ? 2 : 0
    guard operation.inputs.count >= first + count else {
      throw .inputCount(expected: first + count, found: operation.inputs.count)
    }
    var operands: [Int] = []
    for input in operation.inputs[first..<first + count] {
      guard let input else { throw .inputCount(expected: count, found: count - 1) }
      if known[input] == nil {
        let tensor = file.tensors[input]
        guard tensor.isConstant else { throw .unknownInput(tensor.name) }
        known[input] = try addTensor(input)
      }
      if let index = known[input] { operands.append(index) }
    }
    return operands
  }

  /// An operator that brings values of one tensor to others.
  private mutating func move(
    _ code: BuiltinOperator, _ operation: TFLiteOperator
  ) throws(NodeProblem) {
    let source = try operands(code, operation)[0]
    guard tensors[source].constant == nil else { throw .constant(tensors[source].name) }
    let shape = tensors[source].shape
    let movements = try TFLiteMovement.all(code, operation, input: shape) {
      index throws(NodeProblem) in try file.integers(operation, index)
    }
    guard let movements, movements.count == operation.outputs.count else {
      throw .outputCount(expected: movements?.count ?? 1, found: operation.outputs.count)
    }
    for (output, movement) in zip(operation.outputs, movements) {
      guard known[output] == nil, !file.inputs.contains(output),
        !file.tensors[output].isConstant
      else {
        throw .outputExists(file.tensors[output].name)
      }
      let index = try addTensor(output)
      let node = Int8Node(
        code, operation, file, operands: [tensors[source]], output: tensors[index],
        runtime: runtime)
      try node.checkOneScale(node.input)
      try node.checkOutput(movement.shape)
      add(
        node.copies(movement).map { ($0, source) }, as: node.output.name, output: index)
      known[output] = index
    }
  }

  /// Adds copies that together fill a tensor, each of them the part of one operand.
  private mutating func add(
    _ copies: [(copy: Copy, operand: Int)], as name: String, output: Int
  ) {
    for (part, (copy, operand)) in copies.enumerated() {
      layers.append(
        Layer(
          name: copies.count == 1 ? name : "\(name)/\(part)", operation: .copy(copy),
          inputs: [operand], output: output))
    }
  }

  private mutating func addLayers(
    _ node: Int8Node, _ inputs: [Int], output: Int
  ) throws(NodeProblem) {
    if let copies = try node.joinedCopies() {
      return add(
        copies.map { ($0.copy, inputs[$0.operand]) }, as: node.output.name, output: output)
    }
    if node.code == .subtract { return try addDifference(node, inputs, output) }
    if node.code == .sum { return try addSum(node, inputs[0], output) }
    if node.code == .reduceMinimum { return try addMinimum(node, inputs[0], output) }
    let (operation, scales) = try node.layer()
    var inputs = inputs
    switch operation {
    case .fullyConnected(let matrix):
      let rows = node.output.shape.count / matrix.outputCount
      inputs = [try repeated(inputs[0], node, rows: rows, groups: 1)]
    case .conv2D(let layer):
      inputs = [try repeated(inputs[0], node, rows: nil, groups: layer.groups)]
    default: break
    }
    layers.append(
      Layer(
        name: node.output.name, operation: operation, inputs: inputs, output: output,
        weightScales: scales))
  }
}

extension Int8Importer {
  /// Adds tensor `index` of the file, with its codes where it is a constant, and returns its index
  /// in the model.
  private mutating func addTensor(_ index: Int, aliasOf: Int? = nil) throws(NodeProblem) -> Int {
    let tensor = file.tensors[index]
    do throws(TensorProblem) {
      try tensor.require(.int8, .uint8)
      let shape = try tensor.shape()
      guard tensor.scales.count == 1, tensor.zeroPoints.count <= 1, let scale = tensor.scales.first,
        scale > 0, scale.isFinite, let zeroPoint = Int8(exactly: tensor.zeroPoints.first ?? 0)
      else {
        throw .quantization(scales: tensor.scales.count, zeroPoints: tensor.zeroPoints.count)
      }
      tensors.append(
        QuantizedTensor(
          name: names.unique(tensor.name), shape: shape, scale: Double(scale),
          zeroPoint: Int32(zeroPoint),
          constant: tensor.isConstant
            ? Constants(try tensor.int8s()) : aliasOf.flatMap { tensors[$0].constant },
          aliasOf: aliasOf.flatMap {
            tensors[$0].constant == nil ? tensors[$0].aliasOf ?? $0 : nil
          }))
    } catch {
      throw .tensor(tensor.name, error)
    }
    if let aliasOf, tensors[aliasOf].shape.count != tensors[tensors.count - 1].shape.count {
      throw .outputShape(found: tensor.dimensions, expected: tensors[aliasOf].shape.dimensions)
    }
    return tensors.count - 1
  }
}
