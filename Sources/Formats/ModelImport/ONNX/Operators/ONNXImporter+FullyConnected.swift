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
    var bias = [Float](repeating: 0, count: outputs)
    if let constant = try node.constant(2) {
      let values = try constant.weights()
      guard values.count == 1 || values.count == outputs else {
        throw .constantShape(
          constant.name, found: constant.dimensions, expected: "\(outputs) biases")
      }
      bias = bias.indices.map { beta * values[values.count == 1 ? 0 : $0] }
    }
    return try fullyConnected(node, rows: rows, factor: alpha, bias: bias)
  }

  mutating func matMul(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let matrix = try node.requiredConstant(1)
    guard matrix.dimensions.count == 2 else {
      throw .constantShape(matrix.name, found: matrix.dimensions, expected: "a matrix")
    }
    let rows = matrix.transposed([1, 0])
    let bias = [Float](repeating: 0, count: rows.dimensions[0])
    return try fullyConnected(node, rows: rows, factor: 1, bias: bias)
  }

  /// `rows` is `[outputs, inputs]`, inputs in the ONNX order of input 0.
  private mutating func fullyConnected(
    _ node: ONNXNode, rows: ONNXConstant, factor: Float, bias: [Float]
  ) throws(NodeProblem) -> ONNXValue {
    var input = try node.view(0)
    if !input.isComplete { input = try settled(input, node) }
    guard input.axes.count >= 2, input.axes.dropLast().allSatisfy(\.isEmpty) else {
      throw .layout(found: input.description, expected: "a vector [1, C]")
    }
    let (outputs, inputs) = (rows.dimensions[0], rows.dimensions[1])
    guard outputs > 0, inputs == input.shape.count else {
      throw .constantShape(
        rows.name, found: rows.dimensions, expected: "\(input.shape.count) inputs for each output")
    }
    let weights = try rows.weights()
    let positions = input.positions
    var layer = Operator.FullyConnected(
      weights: (0..<outputs).flatMap { row in
        positions.map { factor * weights[row * inputs + $0] }
      },
      bias: bias, inputCount: inputs, outputCount: outputs)
    layer.weightSteps = (rows.steps?.along(0, count: outputs) ?? []).map { abs(factor) * $0 }
    guard factor.isFinite, bias.allSatisfy(\.isFinite) else {
      throw .attribute("alpha, beta", found: "infinity", expected: "finite factors")
    }
    let (tensor, shape) = try emit(node, .fullyConnected(layer), input.tensor)
    let leading = [TensorView.Axis?](repeating: nil, count: input.axes.count - 1)
    return .computed(TensorView(tensor: tensor, shape: shape, order: leading + [.channel]))
  }
}
