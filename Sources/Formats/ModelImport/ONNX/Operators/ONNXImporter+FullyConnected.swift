internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// `alpha * A * B + beta * C`, where A is computed and B and C are constants.
  mutating func gemm(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard try node.integer("transA", default: 0) == 0 else {
      throw .attribute("transA", found: "1", expected: "0")
    }
    let alpha = try node.float("alpha") ?? 1
    let beta = try node.float("beta") ?? 1
    let matrix = try node.requiredConstant(1)
    let isTransposed = try node.integer("transB", default: 0) != 0
    guard matrix.dimensions.count == 2 else {
      throw .constantShape(matrix.name, found: matrix.dimensions, expected: "a matrix")
    }
    let rows = isTransposed ? matrix : matrix.transposed([1, 0])
    let outputs = rows.dimensions[0]
    var bias: [Float]?
    if let constant = try node.constant(2) {
      let values = try constant.weights()
      guard values.count == 1 || values.count == outputs else {
        throw .constantShape(
          constant.name, found: constant.dimensions, expected: "\(outputs) biases")
      }
      bias = (0..<outputs).map { beta * values[values.count == 1 ? 0 : $0] }
    }
    return try fullyConnected(node, rows: rows, factor: alpha, bias: bias)
  }

  /// A constant matrix on either side: from the left it multiplies columns instead of rows. Of two
  /// tensors one has a single row or column.
  mutating func matMul(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    if case .constant(let matrix) = try node.value(0), case .computed(let view) = try node.value(1),
      view.axes.count >= 2, matrix.dimensions.count == 2
    {
      let swapped = Array(0..<view.axes.count - 2) + [view.axes.count - 1, view.axes.count - 2]
      let columns = node.spelled("MatMul", [.computed(view.transposed(swapped))])
      let product = try fullyConnected(columns, rows: matrix, factor: 1, bias: nil)
      return product.transposed(swapped)
    }
    if case .computed(let a) = try node.value(0), case .computed(let b) = try node.value(1) {
      return try vectorProduct(node, a, b)
    }
    let (matrix, view) = (try node.requiredConstant(1), try node.view(0))
    let sizes = matrix.dimensions
    guard sizes.count >= 2, sizes.dropLast(2).allSatisfy({ $0 == 1 }),
      let flat = matrix.reshaped(Array(sizes.suffix(2)))
    else {
      throw .constantShape(matrix.name, found: matrix.dimensions, expected: "a matrix")
    }
    // Axes that the matrix alone has are 1.
    let surplus = max(0, sizes.count - view.axes.count)
    let input = TensorView(
      tensor: view.tensor, shape: view.shape, start: view.start,
      loops: [[StridedOrder.Axis]](repeating: [], count: surplus) + view.loops)
    return try fullyConnected(
      node.spelled("MatMul", [.computed(input)]), rows: flat.transposed([1, 0]), factor: 1,
      bias: nil)
  }

  /// `rows` is `[outputs, inputs]`, inputs in the ONNX order of input 0. Without `bias` it is 0.
  private mutating func fullyConnected(
    _ node: ONNXNode, rows: ONNXConstant, factor: Float, bias: [Float]?
  ) throws(NodeProblem) -> ONNXValue {
    var input = try node.view(0)
    let outputs = rows.dimensions[0]
    let bias = bias ?? [Float](repeating: 0, count: outputs)
    guard factor.isFinite, bias.allSatisfy(\.isFinite) else {
      throw .attribute("alpha, beta", found: "infinity", expected: "finite factors")
    }
    guard let size = input.dimensions.last, outputs > 0, rows.dimensions[1] == size else {
      throw .constantShape(
        rows.name, found: rows.dimensions,
        expected: "\(input.dimensions.last ?? 1) inputs for each output")
    }
    let steps = (rows.steps?.along(0, count: outputs) ?? []).map { abs(factor) * $0 }
    let weights = try rows.weights()
    guard input.dimensions.dropLast().allSatisfy({ $0 == 1 }) else {
      return try pointwise(node, input, weights.map { factor * $0 }, bias, steps)
    }
    if !input.isComplete { input = try settled(input, node) }
    let positions = input.positions
    var layer = Operator.FullyConnected(
      weights: (0..<outputs).flatMap { row in
        positions.map { factor * weights[row * size + $0] }
      },
      bias: bias, inputCount: size, outputCount: outputs)
    layer.weightSteps = steps
    let (tensor, shape) = try emit(node, .fullyConnected(layer), input.tensor)
    let leading = [TensorView.Axis?](repeating: nil, count: input.axes.count - 1)
    return .computed(TensorView(tensor: tensor, shape: shape, order: leading + [.channel]))
  }

  /// A matrix times every row of several: a convolution of each pixel alone, whose channels are the
  /// last axis.
  private mutating func pointwise(
    _ node: ONNXNode, _ input: TensorView, _ weights: [Float], _ bias: [Float], _ steps: [Float]
  ) throws(NodeProblem) -> ONNXValue {
    let sizes = input.dimensions
    let (channels, outputs) = (sizes[sizes.count - 1], bias.count)
    var layer = Operator.Conv2D(
      weights: weights, bias: bias, kernel: .unit, inputChannels: channels,
      outputChannels: outputs)
    layer.weightSteps = steps
    if input.isPlain, input.shape.rank == 4, input.axes.last == [.channel] {
      let (tensor, shape) = try emit(node, .conv2D(layer), input.tensor)
      return .computed(
        TensorView(
          tensor: tensor, shape: shape,
          axes: input.axes.dropLast() + [outputs > 1 ? [.channel] : []]))
    }
    let rows = try arranged(
      input, as: Shape(height: 1, width: input.order.count / channels, channels: channels), node)
    let (tensor, shape) = try emit(node, .conv2D(layer), rows.tensor)
    return .computed(
      TensorView(tensor: tensor, shape: shape, sizes: sizes.dropLast() + [outputs]))
  }
}

extension ONNXImporter {
  /// Two tensors, one of which has a single row or column: products of values, and their sums.
  mutating func vectorProduct(
    _ node: ONNXNode, _ a: TensorView, _ b: TensorView
  ) throws(NodeProblem) -> ONNXValue {
    let rank = max(a.axes.count, b.axes.count)
    guard rank >= 2, min(a.axes.count, b.axes.count) >= 1 else {
      throw .inputShape(found: b.dimensions, expected: "matrices")
    }
    // A vector is a row in front and a column behind; it leaves no axis.
    let rows = a.axes.count > 1 ? a.dimensions : [1] + a.dimensions
    let columns = b.axes.count > 1 ? b.dimensions : b.dimensions + [1]
    let (outputs, size) = (columns[columns.count - 1], rows[rows.count - 1])
    guard size == columns[columns.count - 2] else {
      throw .inputShape(
        found: b.dimensions, expected: "\(size) rows, as \(a.dimensions) has columns")
    }
    guard rows[rows.count - 2] == 1 || outputs == 1 else {
      throw .unsupportedOperator(WayOut(onnx: node.operation, domain: ""))
    }
    var (first, second) = (
      try reshaped(.computed(a), rows, node), try reshaped(.computed(b), columns, node)
    )
    let axis: Int
    func swapped(_ value: ONNXValue) -> ONNXValue {
      let last = value.dimensions.count - 1
      return value.transposed(Array(0..<last - 1) + [last, last - 1])
    }
    if outputs == 1 {
      (second, axis) = (swapped(second), rank - 1)
    } else {
      (first, axis) = (swapped(first), rank - 2)
    }
    guard
      case .computed(let products) = try arithmetic(
        node.spelled("Mul", [first, second]), .multiply)
    else { throw .constant(node.name) }
    let sums = try reduced(node, Reduction(fold: .sum), products, [axis])
    var sizes = sums.dimensions
    if b.axes.count == 1 { sizes.remove(at: sizes.count - 1) }
    if a.axes.count == 1 { sizes.remove(at: sizes.count - (b.axes.count == 1 ? 1 : 2)) }
    return try reshaped(.computed(sums), sizes, node)
  }
}
