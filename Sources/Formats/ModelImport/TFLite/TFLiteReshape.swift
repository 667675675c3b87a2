internal import TFLiteSchema
internal import Tensors

extension TFLiteOperator {
  /// The sizes that RESHAPE gives to a tensor of `count` values, by its second input or, where there
  /// is none, by its option; `nil` where neither tells, so that only the output's own are known.
  ///
  /// Source: TensorFlow Lite `kernels/reshape.cc`, `GetOutputShape`.
  func newSizes(_ file: TFLiteFile, count: Int) throws(NodeProblem) -> [Int]? {
    var sizes: [Int]
    if inputs.count > 1, let number = inputs[1] {
      let tensor = file.tensors[number]
      // Sizes that nothing computes are a constant without a value.
      guard tensor.isConstant || tensor.dimensions == [0] else { throw .computed(tensor.name) }
      sizes =
        tensor.isConstant
        ? try tensor.named { tensor throws(TensorProblem) in try tensor.integers() } : []
    } else {
      sizes = try integers(TFLiteField.ReshapeOptions.newShape)
      guard !sizes.isEmpty, sizes != [0] else { return nil }
    }
    guard let free = sizes.firstIndex(of: -1) else { return sizes }
    sizes[free] = 1
    guard let others = countIfPossible(sizes), others > 0 else { return sizes }
    sizes[free] = count / others
    return sizes
  }

  /// Checks that `output`, the sizes that the file gives to a RESHAPE's output, are those that it
  /// gives to its input of `count` values.
  func checkNewSizes(
    _ file: TFLiteFile, count: Int, output: [Int]
  ) throws(NodeProblem) {
    guard let sizes = try newSizes(file, count: count), sizes != output else { return }
    throw .outputShape(found: output, expected: sizes)
  }
}
