internal import NetworkGraph
internal import Tensors

/// What stands around an image that becomes larger.
enum PadFill: Hashable {
  /// The most rows or columns that a choice of pixels is made of.
  private static let largestSide = 1 << 16

  case value(Float)
  /// The nearest pixel.
  case edge
  /// The image backwards: from its last pixel on, or from the one before it.
  case mirror(repeatsEdge: Bool)
  /// The image from its other end.
  case wrap

  /// The place in an axis of `size` of each place from `before` in front of it to `after` behind.
  ///
  /// - Returns: `nil` where an axis would be empty, or read further than a mirror reaches.
  func places(_ size: Int, before: Int, after: Int) -> [Int]? {
    guard (1...Self.largestSide).contains(size), size + before + after > 0 else { return nil }
    let range = -before..<size + after
    switch self {
    case .value:
      return before <= 0 && after <= 0 ? Array(range) : nil
    case .edge: return range.map { min(max($0, 0), size - 1) }
    case .wrap: return range.map { ($0 % size + size) % size }
    case .mirror(let repeatsEdge):
      guard max(before, after) <= (repeatsEdge ? size : size - 1) else { return nil }
      let edge = repeatsEdge ? 1 : 0
      return range.map { $0 < 0 ? -$0 - edge : $0 < size ? $0 : 2 * (size - 1) + edge - $0 }
    }
  }

  /// The operators that put rows and columns around an image of the shape `input`, each after the one
  /// before; negative counts cut away. Pixels of the image come as a choice of nearest ones.
  func operators(
    _ input: Shape, _ height: (before: Int, after: Int), _ width: (before: Int, after: Int)
  ) throws(NodeProblem) -> [Operator] {
    guard case .value(let value) = self else {
      return try choice(input, height, width)
    }
    var operators: [Operator] = []
    if min(height.before, height.after, width.before, width.after) < 0 {
      operators += try choice(
        input, (min(height.before, 0), min(height.after, 0)),
        (min(width.before, 0), min(width.after, 0)))
    }
    let padding = Padding(
      top: max(height.before, 0), left: max(width.before, 0), bottom: max(height.after, 0),
      right: max(width.after, 0))
    guard value != 0, padding != .none else { return operators + [.pad(padding)] }
    return operators + [
      .line(input.channels, 1, -value), .pad(padding), .line(input.channels, 1, value),
    ]
  }

  private func choice(
    _ input: Shape, _ height: (before: Int, after: Int), _ width: (before: Int, after: Int)
  ) throws(NodeProblem) -> [Operator] {
    guard let rows = places(input.height, before: height.before, after: height.after),
      let columns = places(input.width, before: width.before, after: width.after)
    else {
      throw .attribute(
        "pads", found: "\(height), \(width)",
        expected: "less than the sizes of the image, \(input.extent)")
    }
    return [
      .resize(
        Operator.Resize(
          input: input.extent, rows: rows.map(Double.init), columns: columns.map(Double.init)))
    ]
  }
}
