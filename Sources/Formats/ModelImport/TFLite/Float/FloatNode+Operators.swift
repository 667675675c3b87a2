internal import NetworkGraph
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension BuiltinOperator {
  /// Whether a float network may hold it.
  var isFloat: Bool {
    switch self {
    case .add, .averagePool2D, .conv2D, .depthwiseConv2D, .fullyConnected, .logistic, .maxPool2D,
      .multiply, .relu, .relu6, .reshape, .softmax, .pad, .mean, .hardSwish, .logSoftmax,
      .reduceMaximum, .reluN1To1, .relu0To1, .tanh, .elu, .gelu, .leakyRelu, .abs, .exp, .sqrt,
      .neg, .prelu, .concatenation, .transpose, .slice, .stridedSlice, .split, .splitV, .pack,
      .unpack, .gather, .depthToSpace, .spaceToDepth, .resizeBilinear, .resizeNearestNeighbor,
      .transposeConv, .tile, .maximum, .minimum, .subtract, .divide, .squeeze, .expandAxes, .log,
      .sum, .rsqrt, .power, .reduceMinimum, .square, .squaredDifference, .mirrorPad, .padValue,
      .floor, .ceil, .round, .sign, .l2Normalization, .reverse, .broadcastTo, .less, .lessEqual,
      .greater, .greaterEqual, .select, .selectV2:
      true
    case .dequantize, .quantize: false
    }
  }
}

extension FloatNode {
  /// The operators of the graph that together do what the operator does, each after the first on
  /// the result of the one before; and the tensors that the first reads.
  func operators() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    switch code {
    case .conv2D:
      return try single(
        .conv2D(try convolution()), activation: TFLiteWindowFields.conv2D.activation)
    case .depthwiseConv2D:
      return try single(
        .depthwiseConv2D(try depthwiseConvolution()),
        activation: TFLiteWindowFields.depthwiseConv2D.activation)
    case .fullyConnected: return try fullyConnected()
    case .averagePool2D:
      return try single(.averagePool(try pool()), activation: TFLiteWindowFields.pool2D.activation)
    case .maxPool2D:
      return try single(.maxPool(try pool()), activation: TFLiteWindowFields.pool2D.activation)
    case .add, .multiply, .subtract, .divide, .maximum, .minimum, .squaredDifference:
      return try arithmetic()
    case .mean, .sum, .reduceMaximum, .reduceMinimum: return try reduction()
    case .l2Normalization: return ([try tensor(0).index, try tensor(0).index], [.multiply])
    case .power: return try power()
    case .logSoftmax: return try single(.logSoftmax)
    case .softmax: return try single(try softmax())
    case .pad, .padValue, .mirrorPad: return ([try tensor(0).index], try padding())
    case .reshape: return try reshape()
    case .squeeze, .expandAxes: return try single(.reshape(output))
    case .resizeBilinear, .resizeNearestNeighbor: return try single(.resize(try resize()))
    case .transposeConv: return try transposedConvolution()
    case .tile: return try tile()
    case .relu, .relu6, .reluN1To1, .relu0To1, .logistic, .hardSwish, .tanh, .elu, .gelu,
      .leakyRelu, .abs, .exp, .sqrt, .log, .rsqrt, .square, .floor, .ceil, .round, .sign:
      return try single(.activation(try operation.function()))
    case .prelu: return try single(.prelu(try prelu()))
    case .less, .lessEqual, .greater, .greaterEqual: return try comparison()
    case .neg: return try single(.line(try tensor(0).shape.channels, -1, 0))
    case .concatenation: return try concatenation()
    case .transpose, .slice, .stridedSlice, .split, .splitV, .pack, .unpack, .gather,
      .depthToSpace, .spaceToDepth, .dequantize, .quantize, .reverse, .broadcastTo, .select,
      .selectV2:
      throw .unsupportedOperator(WayOut(tensorFlowLite: code.name, isFloatModel: true))
    }
  }

  /// The shape of the output where the operators give `shape`: options tell whether axes of size 1
  /// stay.
  func outputShape(_ shape: Shape) throws(NodeProblem) -> Shape {
    switch code {
    case .mean, .sum, .reduceMaximum, .reduceMinimum:
      let (sizes, axes) = (try tensor(0).shape.dimensions, try reducedAxes())
      let keeps = try operation.flag(TFLiteField.ReducerOptions.keepsAxes)
      return Shape(
        sizes.indices.filter { keeps || !axes.contains($0) }.map {
          axes.contains($0) ? 1 : sizes[$0]
        })
    case .fullyConnected:
      guard try operation.flag(TFLiteField.FullyConnectedOptions.keepsAxes) else { return shape }
      return Shape(try tensor(0).shape.dimensions.dropLast() + [shape.channels])
    case .gather:
      // A place of its own, not a list of them, leaves its axis out.
      let axis = try joint()?.axis ?? 0
      let list = try constant(1).dimensions
      return Shape(shape.dimensions[..<axis] + list + shape.dimensions[(axis + 1)...])
    default: return shape
    }
  }

  /// CONCATENATION of computed tensors.
  private func concatenation() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let listed = try operation.integer(
      TFLiteField.ConcatenationOptions.axis, default: Int32(0))
    let axis = listed < 0 ? listed + output.rank : listed
    guard output.dimensions.indices.contains(axis) else {
      throw .attribute("axis", found: "\(listed)", expected: "an axis of \(output.rank)")
    }
    var inputs: [Int] = []
    for place in operation.inputs.indices { inputs.append(try tensor(place).index) }
    guard !inputs.isEmpty else { throw .inputCount(expected: 1, found: 0) }
    let join = Operator.Concatenate(axis: axis, operandCount: inputs.count)
    return (
      inputs,
      [.concatenate(join)]
        + (try activation(option: TFLiteField.ConcatenationOptions.activation))
    )
  }

  /// One operator that reads input 0, and the activation that option `number` fuses to it.
  private func single(
    _ operation: Operator, activation number: Int? = nil
  ) throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    ([try tensor(0).index], [operation] + (try number.map(activation) ?? []))
  }

  private func reshape() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    try checkNewSizes()
    return try single(.reshape(output))
  }

  /// A matrix times every row of as many values as it has columns, however the input is shaped.
  private func fullyConnected() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let (matrix, shape) = (try matrix(), try tensor(0).shape)
    let (tensor, operators) = try single(
      .fullyConnected(matrix), activation: TFLiteField.FullyConnectedOptions.activation)
    guard shape.count % matrix.inputCount == 0 else {
      throw .inputShape(found: shape.dimensions, expected: "rows of \(matrix.inputCount) values")
    }
    let rows = shape.count / matrix.inputCount
    guard shape.dimensions.first != rows else { return (tensor, operators) }
    return (tensor, [.reshape(Shape([rows, matrix.inputCount]))] + operators)
  }

  /// The activation that option `number` names, as at most one operator.
  func activation(option number: Int) throws(NodeProblem) -> [Operator] {
    try TFLiteActivation(operation, option: number).function.map { [.activation($0)] } ?? []
  }

  /// PRELU of shares that repeat along the outer axes.
  private func prelu() throws(NodeProblem) -> Operator.PReLU {
    let (shape, sizes) = (try tensor(0).shape, try constant(1).dimensions)
    guard shape.takesShares(sizes) else {
      throw .constantShape(
        try constant(1).name, found: sizes,
        expected: "one value, or one for each channel or value of \(shape.dimensions)")
    }
    let alpha = try floats(1)
    return Operator.PReLU(
      alpha: alpha.count == 1 ? [Float](repeating: alpha[0], count: shape.channels) : alpha)
  }

  private func softmax() throws(NodeProblem) -> Operator {
    let beta = try operation.float(TFLiteField.SoftmaxOptions.beta)
    guard beta == 1 else { throw .attribute("beta", found: "\(beta)", expected: "1") }
    return .softmax
  }

  /// CONV_2D; weights are `[O, KH, KW, I / groups]`.
  func convolution() throws(NodeProblem) -> Operator.Conv2D {
    let filter = try filter(rank: 4)
    let channels = try image().channels
    guard channels % filter[3] == 0, filter[0] % (channels / filter[3]) == 0 else {
      throw .constantShape(
        try constant(1).name, found: filter,
        expected: "channels that divide the input's \(channels)")
    }
    let window = try TFLiteWindow(
      operation, input: try image(), kernel: Extent(filter[1], filter[2]),
      fields: .conv2D)
    return Operator.Conv2D(
      weights: try floats(1), bias: try bias(filter[0]), kernel: window.kernel,
      stride: window.stride, dilation: window.dilation, padding: window.padding,
      inputChannels: channels, outputChannels: filter[0], groups: channels / filter[3])
  }

  /// DEPTHWISE_CONV_2D; weights are `[1, KH, KW, C * multiplier]`.
  func depthwiseConvolution() throws(NodeProblem) -> Operator.DepthwiseConv2D {
    let filter = try filter(rank: 4)
    let channels = try image().channels
    guard filter[0] == 1, filter[3] % channels == 0 else {
      throw .constantShape(
        try constant(1).name, found: filter, expected: "[1, KH, KW, a multiple of \(channels)]")
    }
    try operation.checkMultiplier(filter[3] / channels)
    let window = try TFLiteWindow(
      operation, input: try image(), kernel: Extent(filter[1], filter[2]),
      fields: .depthwiseConv2D)
    return Operator.DepthwiseConv2D(
      weights: try floats(1), bias: try bias(filter[3]), kernel: window.kernel,
      stride: window.stride, dilation: window.dilation, padding: window.padding,
      channels: channels, multiplier: filter[3] / channels)
  }

  /// FULLY_CONNECTED; weights are `[O, I]`.
  func matrix() throws(NodeProblem) -> Operator.FullyConnected {
    let filter = try filter(rank: 2)
    let format = try operation.integer(
      TFLiteField.FullyConnectedOptions.weightsFormat, default: Int8(0))
    guard format == 0 else {
      throw .attribute("weights_format", found: "\(format)", expected: "0 (DEFAULT)")
    }
    return Operator.FullyConnected(
      weights: try floats(1), bias: try bias(filter[0]), inputCount: filter[1],
      outputCount: filter[0])
  }

  /// AVERAGE_POOL_2D and MAX_POOL_2D.
  func pool() throws(NodeProblem) -> Operator.Pool {
    let window = try TFLiteWindow(
      operation, input: try image(), fields: .pool2D)
    return Operator.Pool(kernel: window.kernel, stride: window.stride, padding: window.padding)
  }
}

extension FloatNode {
  /// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR; input 1 has the new height and width.
  func resize() throws(NodeProblem) -> Operator.Resize {
    let input = try image()
    let mode = try RuntimeResize(code, operation)
    let output = try RuntimeResize.output(input, try integers(1))
    return Operator.Resize(
      input: input.extent, rows: mode.realPlaces(input: input.height, output: output.height),
      columns: mode.realPlaces(input: input.width, output: output.width))
  }

  /// TILE along one axis; see `TFLiteTile`.
  func tile() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let (index, shape) = try tensor(0)
    let tile = try TFLiteTile(shape, multiples: try integers(1))
    let layer = Operator.Resize(
      input: tile.image.extent, rows: (0..<tile.image.height).map(Double.init),
      columns: tile.columns.map(Double.init))
    return ([index], [.reshape(tile.image), .resize(layer), .reshape(tile.output)])
  }

  /// TRANSPOSE_CONV; inputs are the output's sizes, weights `[O, KH, KW, I]`, image and bias.
  func transposedConvolution() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let filter = try filter(rank: 4)
    let input = try image(2)
    let window = try TFLiteTransposedWindow(
      operation, input: input, filter: filter, sizes: try integers(0))
    let (kernel, stride, output) = (window.kernel, window.stride, window.output)
    let layer = Operator.TransposedConv2D(
      weights: try floats(1), bias: try bias(filter[0], at: 3), kernel: kernel, stride: stride,
      cropping: Padding(
        top: window.padding.height, left: window.padding.width,
        bottom: (input.height - 1) * stride.height + kernel.height - window.padding.height
          - output.height,
        right: (input.width - 1) * stride.width + kernel.width - window.padding.width
          - output.width), inputChannels: filter[3], outputChannels: filter[0])
    return (
      [try tensor(2).index],
      [.transposedConv2D(layer)]
        + (try activation(option: TFLiteWindowFields.transposeConv.activation))
    )
  }
}
