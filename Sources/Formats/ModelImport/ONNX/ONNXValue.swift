/// What a name stands for in an ONNX graph.
enum ONNXValue: Hashable {
  case constant(ONNXConstant)
  case computed(TensorView)

  /// The sizes of its ONNX axes.
  var dimensions: [Int] {
    switch self {
    case .constant(let constant): constant.dimensions
    case .computed(let view): view.dimensions
    }
  }

  /// The same values in the same order under other sizes, which hold equally many.
  func reshaped(_ dimensions: [Int]) throws(NodeProblem) -> ONNXValue {
    switch self {
    case .constant(let constant):
      guard let reshaped = constant.reshaped(dimensions) else {
        throw .inputShape(found: constant.dimensions, expected: "as many values as \(dimensions)")
      }
      return .constant(reshaped)
    case .computed(let view):
      guard let reshaped = view.reshaped(dimensions) else {
        throw .layout(
          found: "\(view) of sizes \(view.dimensions)",
          expected: "a change to \(dimensions) that cuts no axis in two")
      }
      return .computed(reshaped)
    }
  }

  /// Axis `i` of the result is axis `permutation[i]` of this value.
  func transposed(_ permutation: [Int]) -> ONNXValue {
    switch self {
    case .constant(let constant): .constant(constant.transposed(permutation))
    case .computed(let view): .computed(view.transposed(permutation))
    }
  }
}
