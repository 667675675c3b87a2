internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// A TensorFlow Lite file under construction; tensors are referred to by index.
struct TFLiteWriter {
  private var tensors: [FlatNode] = []
  private var operators: [FlatNode] = []
  /// Operator codes with the version of each, in order of their index.
  private var codes: [[Int]] = []
  /// The first is empty, and means that a tensor is computed.
  private var buffers: [FlatNode] = [.table([:])]
  private var names = UniqueNames()

  /// Adds an operator.
  ///
  /// - Parameter version: The oldest whose int8 kernel does what is asked.
  mutating func add(
    _ code: BuiltinOperator, version: Int, _ inputs: [Int], _ output: Int,
    _ options: TFLiteOptions = TFLiteOptions(.none)
  ) {
    let entry = [code.rawValue, version]
    let index = codes.firstIndex(of: entry) ?? codes.count
    if index == codes.count { codes.append(entry) }
    var fields: [Int: FlatNode] = [
      TFLiteField.Operator.opcodeIndex: .integer(UInt32(index)),
      TFLiteField.Operator.inputs: .integers(inputs.map(Int32.init)),
      TFLiteField.Operator.outputs: .integers([Int32(output)]),
    ]
    if options.type != .none {
      fields[TFLiteField.Operator.builtinOptionsType] = .integer(options.type.rawValue)
      fields[TFLiteField.Operator.builtinOptions] = .table(options.fields)
    }
    operators.append(.table(fields))
  }

  /// Adds a tensor of codes.
  mutating func add(_ tensor: QuantizedTensor) -> Int {
    add(
      tensor.name, tensor.shape, .int8,
      quantization(scales: [Float(tensor.scale)], zeroPoint: tensor.zeroPoint, axis: 0),
      tensor.constant.map { .integers($0.values, alignment: 16) })
  }

  /// Adds the weights of a layer.
  mutating func add(
    _ name: String, _ shape: Shape, weights: Constants<Int8>, scales: [Float], axis: Int
  ) -> Int {
    add(
      name, shape, .int8, quantization(scales: scales, zeroPoint: 0, axis: axis),
      .integers(weights.values, alignment: 16))
  }

  /// Adds the bias of a layer.
  mutating func add(_ name: String, bias: Constants<Int32>, scales: [Float]) -> Int {
    add(
      name, [bias.count], .int32, quantization(scales: scales, zeroPoint: 0, axis: 0),
      .integers(bias.values, alignment: 16))
  }

  /// Adds integers that an operator reads as a parameter.
  mutating func add(_ name: String, _ shape: Shape, parameters: [Int]) -> Int {
    add(name, shape, .int32, nil, .integers(parameters.map(Int32.init), alignment: 16))
  }

  private mutating func add(
    _ name: String, _ shape: Shape, _ type: TFLiteType, _ quantization: FlatNode?,
    _ data: FlatNode?
  ) -> Int {
    var fields: [Int: FlatNode] = [
      TFLiteField.Tensor.shape: .integers(shape.dimensions.map(Int32.init)),
      TFLiteField.Tensor.type: .integer(Int8(type.rawValue)),
      TFLiteField.Tensor.name: .text(names.unique(name)),
    ]
    if let data {
      fields[TFLiteField.Tensor.buffer] = .integer(UInt32(buffers.count))
      buffers.append(.table([TFLiteField.Buffer.data: data.asBytes]))
    }
    fields[TFLiteField.Tensor.quantization] = quantization
    tensors.append(.table(fields))
    return tensors.count - 1
  }

  private func quantization(scales: [Float], zeroPoint: Int32, axis: Int) -> FlatNode {
    .table([
      TFLiteField.QuantizationParameters.scale: .floats(scales),
      TFLiteField.QuantizationParameters.zeroPoint: .integers(scales.map { _ in Int64(zeroPoint) }),
      TFLiteField.QuantizationParameters.quantizedDimension: .integer(Int32(axis)),
    ])
  }

  /// The whole file.
  func file(inputs: [Int], outputs: [Int], name: String, description: String) -> [UInt8] {
    let graph = FlatNode.table([
      TFLiteField.SubGraph.tensors: .list(tensors),
      TFLiteField.SubGraph.inputs: .integers(inputs.map(Int32.init)),
      TFLiteField.SubGraph.outputs: .integers(outputs.map(Int32.init)),
      TFLiteField.SubGraph.operators: .list(operators), TFLiteField.SubGraph.name: .text(name),
    ])
    let codes = codes.map { entry in
      FlatNode.table([
        TFLiteField.OperatorCode.deprecatedBuiltinCode: .integer(Int8(min(entry[0], 127))),
        TFLiteField.OperatorCode.version: .integer(Int32(entry[1])),
        TFLiteField.OperatorCode.builtinCode: .integer(Int32(entry[0])),
      ])
    }
    return FlatBufferWriter.file(
      .table([
        TFLiteField.Model.version: .integer(UInt32(TFLiteFormat.version)),
        TFLiteField.Model.operatorCodes: .list(codes), TFLiteField.Model.subgraphs: .list([graph]),
        TFLiteField.Model.description: .text(description),
        TFLiteField.Model.buffers: .list(buffers),
      ]), identifier: TFLiteFormat.identifier)
  }
}

extension FlatNode {
  /// The same bytes as a vector of bytes.
  fileprivate var asBytes: FlatNode {
    guard case .numbers(let bytes, _, let alignment) = self else { return self }
    return .numbers(bytes, size: 1, alignment: alignment)
  }
}

/// The table of options of an operator.
struct TFLiteOptions {
  let type: TFLiteOptionsType
  /// By number: `TFLiteField`, `TFLiteWindowFields`.
  let fields: [Int: FlatNode]

  init(_ type: TFLiteOptionsType, _ fields: [Int: FlatNode] = [:]) {
    self.type = type
    self.fields = fields
  }
}
