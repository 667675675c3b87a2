internal import TFLiteSchema

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
