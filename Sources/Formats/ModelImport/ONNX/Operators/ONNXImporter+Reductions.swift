internal import NetworkGraph
internal import Tensors

/// One value of many along some axes.
extension ONNXImporter {
  enum Reduction {
    case mean, sum, maximum
  }

  /// Over height, width or both, whatever axes they are, and of means and sums over the channels, too.
  /// `axes` is an attribute before operator set 18, of a sum before 13.
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
    let reduced = Set(axes.flatMap { input.axes[$0] })
    let keeps = try node.integer("keepdims", default: 1) != 0
    let remaining = input.axes.indices.filter { keeps || !axes.contains($0) }.map {
      axes.contains($0) ? [] : input.axes[$0]
    }
    guard !reduced.isEmpty else {
      return .computed(TensorView(tensor: input.tensor, shape: input.shape, axes: remaining))
    }
    let (tensor, shape) = try reduce(node, reduction, input, over: reduced, listed)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: remaining))
  }

  private mutating func reduce(
    _ node: ONNXNode, _ reduction: Reduction, _ input: TensorView,
    over reduced: Set<TensorView.Axis>, _ listed: [Int]
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    let spatial = Set(input.axes.flatMap { $0 }).subtracting([.channel])
    if reduced == [.channel], reduction != .maximum {
      let channels = input.shape.channels
      let weight = reduction == .mean ? 1 / Float(channels) : 1
      let image = try asImage(input, node)
      let sum = Operator.Conv2D(
        weights: [Float](repeating: weight, count: channels), bias: [0], kernel: .unit,
        inputChannels: channels, outputChannels: 1)
      return try emit(node, .conv2D(sum), image.tensor)
    }
    guard reduced.isSubset(of: spatial), input.shape.rank == 4 else {
      throw .layout(
        found: "\(input), reduced along \(listed)",
        expected: reduction == .maximum
          ? "the greatest over height, width or both"
          : "\(reduction == .mean ? "the mean" : "the sum") over height, width or both, or over "
            + "the channels")
    }
    let window = Extent(
      reduced.contains(.height) ? input.shape.height : 1,
      reduced.contains(.width) ? input.shape.width : 1)
    let pool = Operator.Pool(kernel: window, stride: window)
    if reduction == .maximum { return try emit(node, .maxPool(pool), input.tensor) }
    let mean = try emit(
      node, reduced == spatial ? .globalAveragePool : .averagePool(pool), input.tensor,
      part: reduction == .sum ? "mean" : nil)
    guard reduction == .sum else { return mean }
    let scale = [Float](repeating: Float(window.count), count: input.shape.channels)
    return try emit(
      node,
      .batchNormalization(
        Operator.BatchNormalization(scale: scale, offset: scale.map { _ in 0 })), mean.tensor)
  }
}
