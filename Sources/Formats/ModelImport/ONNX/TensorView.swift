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
