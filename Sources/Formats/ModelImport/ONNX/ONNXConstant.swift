internal import ONNXSchema

/// A tensor of constants of an ONNX graph, in ONNX's own order.
struct ONNXConstant: Hashable {
  enum Numbers: Hashable {
    case floats([Float])
    case integers([Int])
  }

  let name: String
  /// The sizes, outermost axis first; none for a scalar.
  let dimensions: [Int]
  let numbers: Numbers
  /// How the file writes the numbers; `nil` for those that the importer works out.
  var element: Onnx_TensorProto.DataType?
  /// Where the numbers are codes made real: the step of all, or of each place along `axis`.
  var steps: ONNXSteps?

  /// How many numbers there are.
  var count: Int {
    switch numbers {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// The numbers as integers; `nil` where they are real.
  var integers: [Int]? {
    if case .integers(let values) = numbers { values } else { nil }
  }

  /// The numbers as real ones.
  var floats: [Float] {
    switch numbers {
    case .floats(let values): values
    case .integers(let values): values.map { Float($0) }
    }
  }

  /// The numbers as real ones, all finite.
  func weights() throws(NodeProblem) -> [Float] {
    let values = floats
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .tensor(name, .notFinite(index: index, value: "\(values[index])"))
    }
    return values
  }

  /// The numbers cut off towards 0; with `areTruths`, 1 for all but 0.
  func asIntegers(_ areTruths: Bool) throws(NodeProblem) -> ONNXConstant {
    var integers: [Int] = []
    for value in self.integers ?? [] { integers.append(areTruths && value != 0 ? 1 : value) }
    if case .floats(let values) = numbers {
      for value in values {
        guard let integer = Int(exactly: value.rounded(.towardZero)) else {
          throw .constantValue(name, found: "\(value)", expected: "numbers of 64 bits")
        }
        integers.append(areTruths ? (value != 0 ? 1 : 0) : integer)
      }
    }
    return ONNXConstant(name: name, dimensions: dimensions, numbers: .integers(integers))
  }

  /// The same numbers under other sizes; `nil` where these hold more or fewer.
  func reshaped(_ dimensions: [Int]) -> ONNXConstant? {
    guard countIfPossible(dimensions) == count else { return nil }
    var result = ONNXConstant(
      name: name, dimensions: dimensions, numbers: numbers, element: element)
    if let steps, steps.axis == nil { result.steps = steps }
    return result
  }

  /// Axis `i` of the result is axis `permutation[i]` of this tensor.
  func transposed(_ permutation: [Int]) -> ONNXConstant {
    var result = gathered(permutation.map { (axis: $0, places: Array(0..<dimensions[$0])) })
    result.steps = steps.map { steps in
      ONNXSteps(values: steps.values, axis: steps.axis.flatMap(permutation.firstIndex(of:)))
    }
    return result
  }

  /// What stands at `places` along `axis`, in that order.
  func slice(_ axis: Int, _ places: [Int]) -> ONNXConstant {
    gathered(
      dimensions.indices.map { (axis: $0, places: $0 == axis ? places : Array(0..<dimensions[$0])) }
    )
  }

  /// Axis `i` of the result runs over the `places` of the `axis` in entry `i`.
  private func gathered(_ order: [(axis: Int, places: [Int])]) -> ONNXConstant {
    var strides = [Int](repeating: 1, count: dimensions.count)
    for axis in dimensions.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    var sources = [0]
    for (axis, places) in order {
      sources = sources.flatMap { source in places.map { source + $0 * strides[axis] } }
    }
    return ONNXConstant(
      name: name, dimensions: order.map(\.places.count), numbers: picking(sources))
  }

  /// The numbers at `indices`, in that order.
  func picking(_ indices: [Int]) -> Numbers {
    switch numbers {
    case .floats(let values): .floats(indices.map { values[$0] })
    case .integers(let values): .integers(indices.map { values[$0] })
    }
  }
}

/// The real values of one step of codes.
struct ONNXSteps: Hashable {
  /// One, or one for each place along `axis`.
  let values: [Float]
  /// `nil` where there is one value.
  let axis: Int?

  /// The step of each of `count` places along `axis`; none where it differs along another.
  func along(_ axis: Int, count: Int) -> [Float] {
    if values.count == 1 { return [Float](repeating: values[0], count: count) }
    return self.axis == axis && values.count == count ? values : []
  }
}

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

  /// Axis `i` of the result is axis `permutation[i]` of this value.
  func transposed(_ permutation: [Int]) -> ONNXValue {
    switch self {
    case .constant(let constant): .constant(constant.transposed(permutation))
    case .computed(let view): .computed(view.transposed(permutation))
    }
  }
}
