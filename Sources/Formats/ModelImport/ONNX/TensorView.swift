internal import NetworkGraph
internal import Tensors

/// An activation of an ONNX graph, whose axes may come in any order, as a view of a tensor of the
/// float graph, which is always NHWC.
///
/// Transposing, reshaping, flattening, squeezing and slicing only change the view: no value moves,
/// and a pair of transpositions that cancel leaves no trace.
struct TensorView: Hashable {
  /// What an ONNX axis runs over. The batch is always 1 and needs no name.
  enum Axis: Hashable {
    case height, width, channel
    /// Places of the tensor that are no whole axis of it: a piece of one, or some of its values.
    case part(count: Int, stride: Int)
  }

  /// The tensor's index in the float graph.
  let tensor: Int
  /// The tensor's shape there: `[1, H, W, C]` or `[1, C]`.
  let shape: Shape
  /// Where in the tensor the first value stands.
  let start: Int
  /// For each ONNX axis, what it runs over, outermost first: `[H, W]` where two axes were flattened
  /// into one. An axis of size 1 runs over none, so NHWC axes of size 1 never appear.
  let axes: [[Axis]]

  /// A view whose ONNX axes are `order`, where `nil` stands for an axis of size 1.
  init(tensor: Int, shape: Shape, order: [Axis?]) {
    let axes = order.map { axis in
      guard let axis, Self.loop(axis, in: shape).count > 1 else { return [Axis]() }
      return [axis]
    }
    self.init(tensor: tensor, shape: shape, axes: axes)
  }

  /// A view of another tensor with the same sizes along `axes`.
  init(tensor: Int, shape: Shape, axes: [[Axis]]) {
    (self.tensor, self.shape, self.axes) = (tensor, shape, axes)
    start = 0
  }

  /// A view whose ONNX axes run over `loops`.
  init(tensor: Int, shape: Shape, start: Int = 0, loops: [[StridedOrder.Axis]]) {
    (self.tensor, self.shape, self.start) = (tensor, shape, start)
    axes = loops.map { Self.named(StridedOrder($0).axes, in: shape) }
  }

  /// A view of all values in the tensor's own order, under these sizes.
  init(tensor: Int, shape: Shape, sizes: [Int]) {
    self.init(
      tensor: tensor, shape: shape, loops: StridedOrder.axes(of: sizes).map { [$0] })
  }

  /// ONNX's order of the axes of an image.
  static let channelsFirst: [Axis?] = [nil, .channel, .height, .width]
  /// TensorFlow's order of the axes of an image.
  static let channelsLast: [Axis?] = [nil, .height, .width, .channel]
  /// The axes of a vector.
  static let vector: [Axis?] = [nil, .channel]
  /// ONNX's order of the axes of a row of pixels, as Conv1d takes it.
  static let row: [Axis?] = [nil, .channel, .width]

  /// The sizes of the ONNX axes.
  var dimensions: [Int] { axes.map { $0.reduce(1) { $0 * size($1) } } }

  /// Which value of the tensor stands at each place of the ONNX order.
  var order: StridedOrder { StridedOrder(start: start, loops.flatMap(\.self)) }

  /// What each ONNX axis runs over.
  var loops: [[StridedOrder.Axis]] { axes.map { $0.map { Self.loop($0, in: shape) } } }

  /// Whether every value of the tensor is there, and none read backwards.
  var isComplete: Bool {
    start == 0 && dimensions.reduce(1, *) == shape.count
      && order.axes.allSatisfy { $0.stride > 0 }
  }

  /// Whether the ONNX axes are whole axes of the tensor.
  var isPlain: Bool {
    isComplete
      && axes.allSatisfy { axis in
        axis.allSatisfy { if case .part = $0 { false } else { true } }
      }
  }

  /// Whether the ONNX axes are `order`.
  func isOrdered(_ order: [Axis?]) -> Bool {
    start == 0 && axes == TensorView(tensor: tensor, shape: shape, order: order).axes
      && dimensions.reduce(1, *) == shape.count
  }

  /// The size of an axis.
  func size(_ axis: Axis) -> Int { Self.loop(axis, in: shape).count }

  /// Axis `i` of the result is axis `permutation[i]` of this view.
  func transposed(_ permutation: [Int]) -> TensorView {
    TensorView(tensor: tensor, shape: shape, start: start, loops: permutation.map { loops[$0] })
  }

  /// The same values in the same order under other sizes; `nil` where values would have to move for
  /// it.
  func reshaped(_ dimensions: [Int]) -> TensorView? {
    var remaining = order.axes[...]
    var groups: [[StridedOrder.Axis]] = []
    for dimension in dimensions {
      var (group, missing): ([StridedOrder.Axis], Int) = ([], dimension)
      while missing > 1 {
        guard let loop = remaining.popFirst() else { return nil }
        if missing % loop.count == 0 {
          group.append(loop)
          missing /= loop.count
        } else {
          guard loop.count % missing == 0 else { return nil }
          let inner = loop.count / missing
          group.append(StridedOrder.Axis(missing, stride: loop.stride * inner))
          remaining.insert(
            StridedOrder.Axis(inner, stride: loop.stride), at: remaining.startIndex)
          missing = 1
        }
      }
      guard missing == 1 else { return nil }
      groups.append(group)
    }
    guard remaining.isEmpty else { return nil }
    return TensorView(tensor: tensor, shape: shape, start: start, loops: groups)
  }

  /// `count` places of an axis from `begin` on, `step` apart; `nil` where these are no loop over the
  /// tensor.
  func sliced(_ axis: Int, begin: Int, count: Int, step: Int) -> TensorView? {
    var loops = loops
    let group = StridedOrder(loops[axis]).axes
    guard let outer = group.first else { return begin == 0 && count == 1 ? self : nil }
    let inner = group.dropFirst().reduce(1) { $0 * $1.count }
    guard begin % inner == 0, count % inner == 0, step == 1 || inner == 1 else { return nil }
    loops[axis] =
      [StridedOrder.Axis(count / inner, stride: outer.stride * step)] + group.dropFirst()
    return TensorView(
      tensor: tensor, shape: shape, start: start + begin / inner * outer.stride, loops: loops)
  }

  /// Where each value of the NHWC tensor, in its order, stands in the ONNX order of a view that is
  /// complete.
  var positions: [Int] {
    var positions = [Int](repeating: 0, count: shape.count)
    for (position, place) in order.places.enumerated() { positions[place] = position }
    return positions
  }

  private static func loop(_ axis: Axis, in shape: Shape) -> StridedOrder.Axis {
    switch axis {
    case .height:
      StridedOrder.Axis(shape.height, stride: shape.width * shape.channels)
    case .width: StridedOrder.Axis(shape.width, stride: shape.channels)
    case .channel: StridedOrder.Axis(shape.channels, stride: 1)
    case .part(let count, let stride): StridedOrder.Axis(count, stride: stride)
    }
  }

  /// `loops`, which are as few as can be, by the names of the whole axes that they run over.
  private static func named(_ loops: [StridedOrder.Axis], in shape: Shape) -> [Axis] {
    let names = [Axis.height, .width, .channel].filter { loop($0, in: shape).count > 1 }
    return loops.flatMap { loop -> [Axis] in
      for first in names.indices {
        for last in first..<names.count {
          let run = Array(names[first...last])
          if StridedOrder(run.map { Self.loop($0, in: shape) }).axes == [loop] { return run }
        }
      }
      return [.part(count: loop.count, stride: loop.stride)]
    }
  }
}

extension TensorView: CustomStringConvertible {
  /// `[1, C, H, W]`; `[1, CHW]` after flattening.
  var description: String { Self.description(of: axes) }

  static func description(of axes: [[Axis]]) -> String {
    let names = axes.map { group in
      group.isEmpty ? "1" : group.map(\.letter).joined()
    }
    return "[" + names.joined(separator: ", ") + "]"
  }
}

extension TensorView.Axis {
  fileprivate var letter: String {
    switch self {
    case .height: "H"
    case .width: "W"
    case .channel: "C"
    case .part(let count, _): "\(count)"
    }
  }
}

/// Views become tensors where an operator needs values in places of their own.
extension ONNXImporter {
  /// The same values as a tensor whose ONNX axes are `order`. Where that takes moving them, a view
  /// of whole axes is refused unless nothing else helps: the order of the input's axes may be another.
  mutating func arranged(
    _ view: TensorView, _ order: [TensorView.Axis?], _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let sizes = view.dimensions
    guard sizes.count == order.count,
      zip(sizes, order).allSatisfy({ $0.0 == 1 || $0.1 != nil })
    else {
      throw .layout(found: view.description, expected: TensorView.name(order))
    }
    if view.isOrdered(order), order.count == 2 || view.shape.rank == 4 { return view }
    func size(_ axis: TensorView.Axis) -> Int {
      order.firstIndex(of: axis).map { sizes[$0] } ?? 1
    }
    let shape =
      order.count == 2
      ? Shape([1, size(.channel)])
      : Shape(height: size(.height), width: size(.width), channels: size(.channel))
    let loops = [TensorView.Axis.height, .width, .channel]
      .compactMap { axis in order.firstIndex(of: axis) }.flatMap { view.loops[$0] }
    let memory = StridedOrder(start: view.start, loops)
    guard memory.isWhole(of: view.shape.count) || movesPlainViews || !view.isPlain else {
      throw .layout(found: view.description, expected: TensorView.name(order))
    }
    let tensor = try moved(view, memory, to: shape, node)
    return TensorView(tensor: tensor, shape: shape, order: order)
  }

  /// The same values in ONNX's own order, as a tensor of this shape.
  mutating func arranged(
    _ view: TensorView, as shape: Shape, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let tensor = try moved(view, view.order, to: shape, node)
    return TensorView(tensor: tensor, shape: shape, sizes: view.dimensions)
  }

  /// The same values as a tensor of whole axes, in the order that networks have as a rule: that of
  /// the input for images, channels last for rows whose last axis is in one piece.
  mutating func settled(_ view: TensorView, _ node: ONNXNode) throws(NodeProblem) -> TensorView {
    let sizes = view.dimensions
    switch sizes.count {
    case 4 where sizes[0] == 1:
      return try arranged(view, imageOrder, node)
    case 3 where sizes[0] == 1 && view.loops[1].last?.stride == 1:
      return try arranged(view, TensorView.row, node)
    case 0, 1: return try arranged(view, as: Shape([1, sizes.first ?? 1]), node)
    case 2 where sizes[0] == 1: return try arranged(view, TensorView.vector, node)
    default:
      let last = sizes.count - 1
      let image = Shape(
        height: sizes[..<(last - 1)].reduce(1, *), width: sizes[last - 1], channels: sizes[last])
      return try arranged(view, as: image, node)
    }
  }

  /// What `operation` makes of rows whose channels are the values along `axes`, with as many channels
  /// as it gives each row: in the axes of `view`, where one of size 1 or, for as many channels as
  /// there were, the same stand for those.
  ///
  /// Values move to rows where they do not lie so; a view of whole axes is refused unless nothing else
  /// helps, as in `arranged(_:_:_:)`.
  mutating func alongRows(
    _ view: TensorView, _ axes: [Int], _ node: ONNXNode, _ operations: (_ rows: Shape) -> [Operator]
  ) throws(NodeProblem) -> TensorView {
    guard movesPlainViews || !view.isPlain else {
      throw .layout(
        found: "\(view), \(node.operation) along \(axes.map(String.init).joined(separator: ", "))",
        expected: "\(node.operation) along the channels")
    }
    // Rows stand as they do in memory, so that what reads them finds an image's order again.
    func step(_ axis: Int) -> Int { view.loops[axis].first.map { abs($0.stride) } ?? .max }
    let others = view.axes.indices.filter { !axes.contains($0) }
    let outer = others.sorted { (step($0), $1) > (step($1), $0) }
    let turned = view.transposed(outer + axes)
    let channels = axes.reduce(1) { $0 * view.dimensions[$1] }
    let shape = Shape(height: 1, width: view.order.count / max(channels, 1), channels: channels)
    let rows = try arranged(turned, as: shape, node)
    var (tensor, found) = (rows.tensor, rows.shape)
    for operation in operations(rows.shape) {
      (tensor, found) = try emit(node, operation, tensor)
    }
    let kept = found.channels == channels
    let result = TensorView(
      tensor: tensor, shape: found,
      sizes: outer.map { view.dimensions[$0] } + axes.map { kept ? view.dimensions[$0] : 1 })
    let order = outer + axes
    return result.transposed(view.axes.indices.map { order.firstIndex(of: $0) ?? 0 })
  }

  /// The tensor of `shape` that holds the values of `view` in `order`: its own where they lie so.
  private mutating func moved(
    _ view: TensorView, _ order: StridedOrder, to shape: Shape, _ node: ONNXNode
  ) throws(NodeProblem) -> Int {
    guard order.isWhole(of: view.shape.count) else {
      let operation = Operator.Rearrange(order, shape: shape)
      return try emit(node, .rearrange(operation), view.tensor, part: "rearrange").tensor
    }
    guard shape != view.shape else { return view.tensor }
    return try emit(node, .reshape(shape), view.tensor, part: "reshape").tensor
  }
}

extension TensorView {
  /// ONNX's order of the axes of what convolutions and poolings take.
  static func images(rank: Int) -> [Axis?] { rank == 3 ? row : channelsFirst }

  /// `[1, C, H, W]`.
  static func name(_ order: [Axis?]) -> String {
    description(of: order.map { $0.map { [$0] } ?? [] })
  }
}

/// Places along an axis with one step between.
struct PlaceRun: Hashable {
  var first: Int
  var count: Int
  var step: Int

  /// As many runs as a list of places may fall into: each becomes a copy.
  static let most = 256

  init(first: Int, count: Int, step: Int) {
    (self.first, self.count, self.step) = (first, count, step)
  }

  /// What a slice means: bounds count from the end where they are negative, are cut to the axis, and
  /// the second is not reached.
  init(from start: Int, to end: Int, step: Int, of size: Int) {
    let step = Swift.min(Swift.max(step, -Swift.max(size, 1)), Swift.max(size, 1))
    func bound(_ place: Int, _ range: ClosedRange<Int>) -> Int {
      Swift.min(Swift.max(place < 0 ? place + size : place, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let (first, last) = (bound(start, 0...size), bound(end, 0...size))
      self.init(first: first, count: Swift.max(0, (last - first + step - 1) / step), step: step)
    } else {
      let range = -1...Swift.max(size - 1, -1)
      let (first, last) = (bound(start, range), bound(end, range))
      self.init(first: first, count: Swift.max(0, (first - last - step - 1) / -step), step: step)
    }
  }

  /// Each of them, in order.
  var places: [Int] { (0..<count).map { first + $0 * step } }

  /// `places` as runs, as few as a walk from the first on finds.
  static func runs(_ places: [Int]) -> [PlaceRun] {
    var runs: [PlaceRun] = []
    for place in places {
      if let last = runs.last, last.count == 1, place != last.first {
        runs[runs.count - 1] = PlaceRun(first: last.first, count: 2, step: place - last.first)
      } else if let last = runs.last, last.count > 1, place == last.first + last.count * last.step {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(PlaceRun(first: place, count: 1, step: 1))
      }
    }
    return runs
  }
}
