internal import FlatBuffers
internal import TFLiteSchema
internal import Tensors

/// The network of a TensorFlow Lite file.
///
/// Source: TensorFlow Lite `schema.fbs`, version 3.
struct TFLiteFile {
  /// The file's length.
  let byteCount: Int
  let tensors: [TFLiteTensor]
  /// In execution order.
  let operators: [TFLiteOperator]
  /// Indices of the tensors that the caller fills, at least one, each another.
  let inputs: [Int]
  /// Indices of the tensors that the caller reads, at least one, each
  /// another but where steps at the end were left out.
  let outputs: [Int]
  /// What outputs are called where there are several, each another name; none where there is one.
  let outputNames: [String]
  /// What the network ended with and the caller does.
  let callerSteps: [CallerStep]

  init(bytes: [UInt8]) throws(ImportError) {
    let parts: Parts
    do throws(FlatBufferError) {
      parts = try Parts(try FlatBuffer(bytes).root(identifier: TFLiteFormat.identifier))
    } catch {
      throw .damaged(error)
    }
    guard parts.version == TFLiteFormat.version else {
      throw .damaged(
        offset: nil,
        problem: "expected schema version \(TFLiteFormat.version), found \(parts.version)")
    }
    var operators: [TFLiteOperator] = []
    for table in parts.operators {
      operators.append(try TFLiteOperator(table, codes: parts.codes))
    }
    byteCount = bytes.count
    let batch = TFLiteBatch(parts.tensors, operators, inputs: parts.inputs)
    let constants = TFLiteConstants(batch.tensors, operators)
    let dilations = TFLiteDilations(
      constants.tensors, constants.operators, outputs: parts.outputs)
    tensors = dilations.tensors
    inputs = try Self.checked("input", parts.inputs, tensors)
    let given = try Self.checked("output", parts.outputs, tensors)
    let tail = TFLiteTail(tensors, dilations.operators, outputs: given)
    (outputs, self.operators, callerSteps) = (tail.outputs, tail.operators, tail.steps)
    var names = UniqueNames()
    outputNames = given.count == 1 ? [] : given.map { names.unique(constants.tensors[$0].name) }
    try checkReferences()
  }

  private static func checked(
    _ kind: String, _ indices: [Int], _ tensors: [TFLiteTensor]
  ) throws(ImportError) -> [Int] {
    guard !indices.isEmpty, Set(indices).count == indices.count,
      indices.allSatisfy(tensors.indices.contains)
    else {
      throw .interface(
        kind: kind,
        names: indices.map { tensors.indices.contains($0) ? tensors[$0].name : "tensor \($0)" })
    }
    return indices
  }

  private func checkReferences() throws(ImportError) {
    for node in operators {
      for index in node.inputs.compactMap(\.self) + node.outputs
      where !tensors.indices.contains(index) {
        throw .damaged(
          offset: nil,
          problem: "\(node.kind) refers to tensor \(index), and there are \(tensors.count)")
      }
    }
  }

  /// What the tables of the file hold, before it is known to fit together.
  private struct Parts {
    let version: Int
    let codes: [FlatTable]
    let tensors: [TFLiteTensor]
    let operators: [FlatTable]
    let inputs: [Int]
    let outputs: [Int]

    init(_ model: FlatTable) throws(FlatBufferError) {
      version = Int(try model.integer(TFLiteField.Model.version, default: UInt32(0)))
      codes = try model.tables(TFLiteField.Model.operatorCodes)
      let buffers = try model.tables(TFLiteField.Model.buffers)
      // Further graphs are the bodies of control flow, which no supported operator calls.
      let graph = try model.tables(TFLiteField.Model.subgraphs).first
      var tensors: [TFLiteTensor] = []
      for table in try graph?.tables(TFLiteField.SubGraph.tensors) ?? [] {
        tensors.append(try TFLiteTensor(table, buffers: buffers))
      }
      self.tensors = tensors
      inputs = try graph?.integers(TFLiteField.SubGraph.inputs, as: Int32.self).map(Int.init) ?? []
      outputs =
        try graph?.integers(TFLiteField.SubGraph.outputs, as: Int32.self).map(Int.init) ?? []
      operators = try graph?.tables(TFLiteField.SubGraph.operators) ?? []
    }
  }
}
