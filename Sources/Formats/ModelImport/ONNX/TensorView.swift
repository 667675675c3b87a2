internal import Tensors

/// An activation of an ONNX graph, whose axes may come in any order, as a view of a tensor of the
/// float graph, which is always NHWC.
///
/// Transposing, reshaping, flattening and squeezing only change the view: no value moves, and a
/// pair of transpositions that cancel leaves no trace.
struct TensorView: Hashable {
  /// An axis of the NHWC tensor. The batch is always 1 and needs no name.
  enum Axis: Hashable {
    case height, width, channel
  }

  /// The tensor's index in the float graph.
  let tensor: Int
  /// The tensor's shape there: `[1, H, W, C]` or `[1, C]`.
  let shape: Shape
  /// For each ONNX axis, the NHWC axes that it runs over, outermost first: `[H, W]` where two were
  /// flattened into one. An axis of size 1 runs over none, so NHWC axes of size 1 never appear.
  private(set) var axes: [[Axis]]

  /// A view whose ONNX axes are `order`, where `nil` stands for an axis of size 1.
  init(tensor: Int, shape: Shape, order: [Axis?]) {
    self.tensor = tensor
    self.shape = shape
    axes = order.map { axis in
      guard let axis, Self.size(axis, in: shape) > 1 else { return [] }
      return [axis]
    }
  }

  /// A view of another tensor with the same sizes along `axes`.
  init(tensor: Int, shape: Shape, axes: [[Axis]]) {
    self.tensor = tensor
    self.shape = shape
    self.axes = axes
  }

  /// ONNX's order of the axes of an image.
  static let channelsFirst: [Axis?] = [nil, .channel, .height, .width]
  /// TensorFlow's order of the axes of an image.
  static let channelsLast: [Axis?] = [nil, .height, .width, .channel]
  /// The axes of a vector.
  static let vector: [Axis?] = [nil, .channel]

  /// The sizes of the ONNX axes.
  var dimensions: [Int] { axes.map { $0.reduce(1) { $0 * size($1) } } }

  /// Whether the ONNX axes are `order`.
  func isOrdered(_ order: [Axis?]) -> Bool {
    axes == TensorView(tensor: tensor, shape: shape, order: order).axes
  }

  /// The size of an NHWC axis.
  func size(_ axis: Axis) -> Int { Self.size(axis, in: shape) }

  /// Axis `i` of the result is axis `permutation[i]` of this view.
  func transposed(_ permutation: [Int]) -> TensorView {
    TensorView(tensor: tensor, shape: shape, axes: permutation.map { axes[$0] })
  }

  /// The same values in the same order under other sizes, where these only join or separate whole
  /// NHWC axes; `nil` where they cut one.
  func reshaped(_ dimensions: [Int]) -> TensorView? {
    var remaining = axes.flatMap { $0 }[...]
    var groups: [[Axis]] = []
    for dimension in dimensions {
      var (group, count): ([Axis], Int) = ([], 1)
      while count < dimension, let axis = remaining.popFirst() {
        group.append(axis)
        count *= size(axis)
      }
      guard count == dimension else { return nil }
      groups.append(group)
    }
    guard remaining.isEmpty else { return nil }
    return TensorView(tensor: tensor, shape: shape, axes: groups)
  }

  /// Where each value of the NHWC tensor, in its order, stands in the ONNX order.
  var positions: [Int] {
    var strides: [Axis: Int] = [:]
    var stride = 1
    for axis in axes.flatMap({ $0 }).reversed() {
      strides[axis] = stride
      stride *= size(axis)
    }
    let (y, x, c) = (strides[.height] ?? 0, strides[.width] ?? 0, strides[.channel] ?? 0)
    return (0..<size(.height)).flatMap { row in
      (0..<size(.width)).flatMap { column in
        (0..<size(.channel)).map { row * y + column * x + $0 * c }
      }
    }
  }

  private static func size(_ axis: Axis, in shape: Shape) -> Int {
    switch axis {
    case .height: shape.height
    case .width: shape.width
    case .channel: shape.channels
    }
  }
}

extension TensorView: CustomStringConvertible {
  /// `[1, C, H, W]`; `[1, CHW]` after flattening.
  var description: String { Self.description(of: axes) }

  static func description(of axes: [[Axis]]) -> String {
    let names = axes.map { group in
      group.isEmpty ? "1" : group.map { "\($0)".prefix(1).uppercased() }.joined()
    }
    return "[" + names.joined(separator: ", ") + "]"
  }
}
