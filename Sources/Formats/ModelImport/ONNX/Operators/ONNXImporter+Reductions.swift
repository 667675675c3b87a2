internal import NetworkGraph
internal import Tensors

/// One value of many along some axes.
extension ONNXImporter {
  /// What becomes of the values: `fold` joins them, `before` and `after` are functions of each value
  /// and of the result.
  struct Reduction: Sendable {
    enum Fold: Sendable {
      case mean, sum, maximum
    }

    let fold: Fold
    var before: Function?
    var after: Function?

    enum Function: Sendable {
      case square, negative
      case of(Activation)
    }

    static let all: [String: Reduction] = [
      "ReduceMean": Reduction(fold: .mean),
      "ReduceSum": Reduction(fold: .sum),
      "ReduceMax": Reduction(fold: .maximum),
      "ReduceMin": Reduction(fold: .maximum, before: .negative, after: .negative),
      "ReduceL1": Reduction(fold: .sum, before: .of(.abs)),
      "ReduceL2": Reduction(fold: .sum, before: .square, after: .of(.sqrt)),
      "ReduceSumSquare": Reduction(fold: .sum, before: .square),
      "ReduceLogSum": Reduction(fold: .sum, after: .of(.log)),
      "ReduceLogSumExp": Reduction(fold: .sum, before: .of(.exp), after: .of(.log)),
    ]
  }

  /// Over any axes. `axes` is an attribute before operator set 18, of a sum before 13.
  mutating func reduce(
    _ node: ONNXNode, _ reduction: Reduction
  ) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let rank = input.axes.count
    let listed = try node.integers(at: 1, or: "axes") ?? []
    if listed.isEmpty, try node.integer("noop_with_empty_axes", default: 0) != 0 {
      return .computed(input)
    }
    let axes = listed.isEmpty ? Set(0..<rank) : try node.axes(listed, rank: rank)
    let keeps = try node.integer("keepdims", default: 1) != 0
    let remaining = input.axes.indices.filter { keeps || !axes.contains($0) }.map {
      axes.contains($0) ? [] : input.axes[$0]
    }
    let result = try reduced(node, reduction, input, over: Set(axes.flatMap { input.axes[$0] }))
    return .computed(TensorView(tensor: result.tensor, shape: result.shape, axes: remaining))
  }

  /// What a reduction makes of the values along `axes`, whole axes of a tensor: height and width
  /// first, the channels of what is left then.
  mutating func reduced(
    _ node: ONNXNode, _ reduction: Reduction, _ input: TensorView, over axes: Set<TensorView.Axis>
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    var view = try applied(reduction.before, to: input, node)
    let spatial = axes.subtracting([.channel])
    if !axes.isEmpty {
      view = try asImage(view, node)
      guard view.shape.rank == 4, view.isPlain || view.isComplete else {
        throw .layout(found: "\(view)", expected: "an image or a vector")
      }
    }
    if !spatial.isEmpty {
      let result = try folded(node, reduction.fold, view, over: spatial)
      view = TensorView(tensor: result.tensor, shape: result.shape, axes: [[.channel]])
    }
    if axes.contains(.channel) {
      let result = try foldedChannels(node, reduction.fold, view)
      view = TensorView(tensor: result.tensor, shape: result.shape, axes: [])
    }
    let result = try applied(reduction.after, to: view, node)
    return (result.tensor, result.shape)
  }

  /// `function` of each value of a complete view.
  mutating func applied(
    _ function: Reduction.Function?, to view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    guard let function else { return view }
    let result =
      switch function {
      case .square: try emit(node, .multiply, view.tensor, view.tensor, part: "square")
      case .negative:
        try emit(node, .line(view.shape.channels, -1, 0), view.tensor, part: "negative")
      case .of(let activation):
        try emit(node, .activation(activation), view.tensor, part: activation.description)
      }
    return TensorView(tensor: result.tensor, shape: result.shape, axes: view.axes)
  }

  private mutating func folded(
    _ node: ONNXNode, _ fold: Reduction.Fold, _ view: TensorView, over axes: Set<TensorView.Axis>
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    let extent = view.shape.extent
    let window = Extent(
      axes.contains(.height) ? extent.height : 1, axes.contains(.width) ? extent.width : 1)
    let pool = Operator.Pool(kernel: window, stride: window)
    guard fold != .maximum else { return try emit(node, .maxPool(pool), view.tensor) }
    let mean = try emit(
      node, window == extent ? .globalAveragePool : .averagePool(pool), view.tensor,
      part: fold == .sum ? "mean" : nil)
    guard fold == .sum else { return mean }
    return try emit(
      node, .line(view.shape.channels, Float(window.count), 0), mean.tensor)
  }

  /// A sum is a convolution by ones; the greatest is that of a row, which the channels of a pixel are.
  private mutating func foldedChannels(
    _ node: ONNXNode, _ fold: Reduction.Fold, _ image: TensorView
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    let (shape, channels) = (image.shape, image.shape.channels)
    guard fold == .maximum else {
      let weight = fold == .mean ? 1 / Float(channels) : 1
      let sum = Operator.Conv2D(
        weights: [Float](repeating: weight, count: channels), bias: [0], kernel: .unit,
        inputChannels: channels, outputChannels: 1)
      return try emit(node, .conv2D(sum), image.tensor)
    }
    let rows = Shape(height: shape.extent.count, width: channels, channels: 1)
    let row = Extent(1, channels)
    let laid = try emit(node, .reshape(rows), image.tensor, part: "rows")
    let greatest = try emit(
      node, .maxPool(Operator.Pool(kernel: row, stride: row)), laid.tensor)
    return try emit(
      node, .reshape(Shape(height: shape.height, width: shape.width, channels: 1)),
      greatest.tensor, part: "image")
  }
}

extension ONNXImporter {
  /// `x` divided by the sum of magnitudes along an axis (`p` of 1), or by the root of the sum of
  /// squares (2).
  mutating func lpNormalization(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let axis = try node.axis(try node.integer("axis", default: -1), rank: input.axes.count)
    let exponent = try node.integer("p", default: 2)
    guard let norm = Reduction.all["ReduceL\(exponent)"] else {
      throw .attribute("p", found: "\(exponent)", expected: "1 and 2")
    }
    let (tensor, shape) = try reduced(node, norm, input, over: Set(input.axes[axis]))
    var axes = input.axes
    axes[axis] = []
    return .computed(
      try quotient(node, input, TensorView(tensor: tensor, shape: shape, axes: axes)))
  }
}
