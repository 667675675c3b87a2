internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func globalAveragePool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    return try pool(node, input.tensor, .globalAveragePool)
  }

  mutating func globalMaxPool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let pool = Operator.Pool(kernel: input.shape.extent, stride: input.shape.extent)
    return try self.pool(node, input.tensor, .maxPool(pool))
  }

  /// Padding that counts in the divisor becomes a node of its own; what a last window that is rounded
  /// up reaches beyond it never counts.
  mutating func averagePool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let counts = try node.integer("count_include_pad", default: 0) != 0
    let (window, beyond) = try poolWindow(node, input)
    guard window.dilation != .unit else {
      return try averagePool(node, input.tensor, window, beyond, countsPadding: counts)
    }
    guard beyond == .none, counts || window.padding == .none else {
      throw .attribute(
        "dilations", found: "\(window.dilation)",
        expected: "1x1 where windows reach beyond the image and the padding is not counted")
    }
    let (taps, channels) = (window.kernel.count, input.shape.channels)
    let mean = Operator.DepthwiseConv2D(
      weights: [Float](repeating: 1 / Float(taps), count: taps * channels),
      bias: [Float](repeating: 0, count: channels), kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding, channels: channels)
    return try pool(node, input.tensor, .depthwiseConv2D(mean))
  }

  private mutating func averagePool(
    _ node: ONNXNode, _ input: Int, _ window: ONNXWindow, _ beyond: Padding, countsPadding: Bool
  ) throws(NodeProblem) -> ONNXValue {
    guard countsPadding, window.padding != .none else {
      return try pool(node, input, .averagePool(window.pool(beyond)))
    }
    var inner = window
    inner.padding = .none
    let padded = try emit(node, .pad(window.padding), input, part: "pad")
    return try pool(node, padded.tensor, .averagePool(inner.pool(beyond)))
  }

  mutating func maxPool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let (window, beyond) = try poolWindow(node, input)
    guard window.dilation != .unit else {
      return try pool(node, input.tensor, .maxPool(window.pool(beyond)))
    }
    // The pixels of each window side by side, which windows of that size then meet once.
    let extent = input.shape.extent
    let (pads, kernel, stride) = (window.pool(beyond).window.padding, window.kernel, window.stride)
    let rows = ONNXWindow.taps(
      extent.height, pads.top, pads.bottom, kernel.height, stride.height, window.dilation.height)
    let columns = ONNXWindow.taps(
      extent.width, pads.left, pads.right, kernel.width, stride.width, window.dilation.width)
    guard let rows, let columns else {
      throw .attribute(
        "dilations", found: "\(window.dilation)",
        expected: "windows that meet a pixel each, \(Self.largestSide) rows and columns in all")
    }
    let side = Operator.Resize(input: extent, rows: rows, columns: columns)
    let taps = try emit(node, .resize(side), input.tensor, part: "taps")
    return try pool(node, taps.tensor, .maxPool(Operator.Pool(kernel: kernel, stride: kernel)))
  }

  /// The root of the sum of squares in a window, or for `p` of 1 the sum of magnitudes.
  mutating func lpPool(_ node: ONNXNode, isGlobal: Bool) throws(NodeProblem) -> ONNXValue {
    let exponent = try node.integer("p", default: 2)
    guard exponent == 1 || exponent == 2 else {
      throw .attribute("p", found: "\(exponent)", expected: "1 and 2")
    }
    let input = try image(node)
    let powers = try applied(
      .activation(exponent == 1 ? .abs : .power(2)), to: input, node)
    var count = input.shape.extent.count
    var means: ONNXValue
    if isGlobal {
      means = try pool(node, powers.tensor, .globalAveragePool)
    } else {
      let found = try poolWindow(node, input)
      guard found.beyond == .none else {
        throw .attribute("ceil_mode", found: "1", expected: "0, or windows that divide the image")
      }
      guard found.window.dilation == .unit else {
        throw .attribute("dilations", found: "\(found.window.dilation)", expected: "1x1")
      }
      count = found.window.kernel.count
      means = try averagePool(node, powers.tensor, found.window, .none, countsPadding: true)
    }
    guard case .computed(let mean) = means else { return means }
    means = try emitElementwise(
      node, .line(mean.shape.channels, Float(count), 0), mean)
    guard exponent == 2, case .computed(let sum) = means else { return means }
    return try emitElementwise(node, .activation(.sqrt), sum)
  }

  private mutating func pool(
    _ node: ONNXNode, _ input: Int, _ operation: Operator
  ) throws(NodeProblem) -> ONNXValue {
    let (tensor, shape) = try emit(node, operation, input)
    let rank = try node.view(0).axes.count
    return .computed(
      TensorView(tensor: tensor, shape: shape, order: TensorView.images(rank: rank)))
  }

  /// The window, and how far the last one reaches beyond the image and its padding where the number
  /// of windows is rounded up (`ceil_mode`).
  private func poolWindow(
    _ node: ONNXNode, _ input: TensorView
  ) throws(NodeProblem) -> (window: ONNXWindow, beyond: Padding) {
    let window = try ONNXWindow(node, input: input.shape.extent, kernel: nil)
    let (padding, extent) = (window.padding, input.shape.extent)
    let kernel = Extent(
      (window.kernel.height - 1) * window.dilation.height + 1,
      (window.kernel.width - 1) * window.dilation.width + 1)
    guard padding.top < kernel.height, padding.bottom < kernel.height,
      padding.left < kernel.width, padding.right < kernel.width
    else {
      throw .attribute("pads", found: "\(padding)", expected: "less than the kernel \(kernel)")
    }
    guard try node.integer("ceil_mode", default: 0) != 0 else { return (window, .none) }
    func beyond(_ size: Int, _ before: Int, _ after: Int, _ kernel: Int, _ stride: Int) -> Int {
      let rest = max(size + before + after - kernel, 0)
      var steps = (rest + stride - 1) / stride
      // A window that would begin behind the image and the padding in front of it is none.
      if steps * stride >= size + before { steps -= 1 }
      return max(0, steps * stride - rest)
    }
    return (
      window,
      Padding(
        top: 0, left: 0,
        bottom: beyond(
          extent.height, padding.top, padding.bottom, kernel.height, window.stride.height),
        right: beyond(extent.width, padding.left, padding.right, kernel.width, window.stride.width))
    )
  }
}

extension ONNXWindow {
  /// The pixels that the windows along an axis of `size` meet, one window behind the other. In place of
  /// a tap beside the image stands the nearest of its window inside, which changes no maximum.
  ///
  /// - Returns: `nil` where a window meets no pixel, or there are more than an image has.
  fileprivate static func taps(
    _ size: Int, _ before: Int, _ after: Int, _ kernel: Int, _ stride: Int, _ dilation: Int
  ) -> [Double]? {
    let room = size + before + after - (kernel - 1) * dilation - 1
    let count = room / stride + 1
    guard room >= 0, kernel * count <= ONNXImporter.largestSide else { return nil }
    var taps: [Double] = []
    for window in 0..<count {
      let origin = window * stride - before
      let places = (0..<kernel).map { origin + $0 * dilation }
      guard let first = places.first(where: { $0 >= 0 }),
        let last = places.last(where: { $0 < size }), first <= last
      else { return nil }
      taps += places.map { Double(min(max($0, first), last)) }
    }
    return taps
  }

  /// With `beyond` around the image besides the window's own padding.
  fileprivate func pool(_ beyond: Padding) -> Operator.Pool {
    Operator.Pool(
      kernel: kernel, stride: stride,
      padding: Padding(
        top: padding.top, left: padding.left, bottom: padding.bottom + beyond.bottom,
        right: padding.right + beyond.right))
  }
}

/// One value of many along some axes.
extension ONNXImporter {
  /// Over any axes. `axes` is an attribute before operator set 18, of a sum before 13.
  mutating func reduce(
    _ node: ONNXNode, _ reduction: Reduction
  ) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let rank = value.dimensions.count
    let listed = try node.integers(at: 1, or: "axes") ?? []
    if listed.isEmpty, try node.integer("noop_with_empty_axes", default: 0) != 0 { return value }
    let axes = listed.isEmpty ? Set(0..<rank) : try node.axes(listed, rank: rank)
    let keeps = try node.integer("keepdims", default: 1) != 0
    guard case .computed(let view) = value else {
      return try reduced(node, reduction, axes, keeps: keeps)
    }
    let result = try reduced(node, reduction, view, axes)
    guard !keeps else { return .computed(result) }
    return try reshaped(
      .computed(result), (0..<rank).filter { !axes.contains($0) }.map { view.dimensions[$0] }, node)
  }

  /// What a reduction makes of the values along `axes`, which have size 1 then.
  mutating func reduced(
    _ node: ONNXNode, _ reduction: Reduction, _ view: TensorView, _ axes: Set<Int>
  ) throws(NodeProblem) -> TensorView {
    // Images and rows have whole axes once they are settled.
    let input = view.isPlain || view.axes.count > 4 ? view : try settled(view, node)
    guard areWhole(axes, of: input) else {
      return try alongRows(input, axes.sorted(), node) { rows in
        reduction.operators(rows, height: false, width: false, channels: true)
      }
    }
    let result = try reduced(node, reduction, input, over: Set(axes.flatMap { input.axes[$0] }))
    return TensorView(
      tensor: result.tensor, shape: result.shape,
      axes: input.axes.indices.map { axes.contains($0) ? [] : input.axes[$0] })
  }

  /// Whether `axes` are whole axes of the tensor, and no value of it is missing.
  private func areWhole(_ axes: Set<Int>, of view: TensorView) -> Bool {
    view.isComplete
      && axes.allSatisfy { axis in
        view.axes[axis].allSatisfy { if case .part = $0 { false } else { true } }
      }
  }

  /// What a reduction makes of input 0, a constant.
  private func reduced(
    _ node: ONNXNode, _ reduction: Reduction, _ axes: Set<Int>, keeps: Bool
  ) throws(NodeProblem) -> ONNXValue {
    let constant = try node.requiredConstant(0)
    let sizes = constant.dimensions
    let others = sizes.indices.filter { !axes.contains($0) }
    let rows = constant.transposed(others + axes.sorted())
    let count = axes.reduce(1) { $0 * sizes[$1] }
    guard count > 0, rows.count > 0 else {
      throw .constantShape(constant.name, found: sizes, expected: "values to reduce")
    }
    let places = stride(from: 0, to: rows.count, by: count)
    let numbers: ONNXConstant.Numbers
    if let integers = rows.integers, let fold = reduction.ofIntegers {
      var results: [Int] = []
      for place in places {
        guard let result = fold(integers[place..<place + count]) else {
          throw .constantValue(
            constant.name, found: "a sum beyond 64 bits", expected: "smaller integers")
        }
        results.append(result)
      }
      numbers = .integers(results)
    } else {
      let values = rows.floats
      numbers = .floats(places.map { reduction(values[$0..<$0 + count]) })
    }
    return .constant(
      ONNXConstant(
        name: node.name,
        dimensions: sizes.indices.filter { keeps || !axes.contains($0) }.map {
          axes.contains($0) ? 1 : sizes[$0]
        }, numbers: numbers))
  }

  /// What a reduction makes of the values along `axes`, whole axes of a tensor.
  private mutating func reduced(
    _ node: ONNXNode, _ reduction: Reduction, _ input: TensorView, over axes: Set<TensorView.Axis>
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    let image = try asImage(input, node)
    guard image.shape.rank == 4, image.isComplete else {
      throw .layout(found: "\(input)", expected: "an image or a vector")
    }
    var result = (tensor: image.tensor, shape: image.shape)
    let operators = reduction.operators(
      image.shape, height: axes.contains(.height), width: axes.contains(.width),
      channels: axes.contains(.channel))
    for operation in operators { result = try emit(node, operation, result.tensor) }
    return result
  }

  /// A function of each value of a complete view.
  mutating func applied(
    _ function: Operator, to view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let (tensor, shape) = try emit(node, function, view.tensor, part: function.name)
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }

  /// The negative of each value of a complete view.
  mutating func negative(
    of view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    try applied(.line(view.shape.channels, -1, 0), to: view, node)
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
