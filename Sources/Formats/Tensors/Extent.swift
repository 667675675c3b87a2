/// A height and a width: of an image, a kernel, a stride or a dilation.
public struct Extent: Hashable, Codable, Sendable {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// An extent of `height` rows and `width` columns.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// `height * width`.
  public var count: Int { height * width }

  /// One row, one column.
  public static let unit = Extent(1, 1)
}

extension Extent: CustomStringConvertible {
  /// `3x3`.
  public var description: String { "\(height)x\(width)" }
}

/// How many zeros stand beside an image on each side.
public struct Padding: Hashable, Codable, Sendable {
  /// Rows above.
  public var top: Int
  /// Columns to the left.
  public var left: Int
  /// Rows below.
  public var bottom: Int
  /// Columns to the right.
  public var right: Int

  /// Padding by side.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// No padding.
  public static let none = Padding(top: 0, left: 0, bottom: 0, right: 0)

  /// TensorFlow's SAME: the output has `ceil(input / stride)` rows and columns, and an odd
  /// remainder goes below and to the right.
  public static func same(
    input: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit
  ) -> Padding {
    let rows = total(input.height, kernel.height, stride.height, dilation.height)
    let columns = total(input.width, kernel.width, stride.width, dilation.width)
    return Padding(
      top: rows / 2, left: columns / 2, bottom: rows - rows / 2, right: columns - columns / 2)
  }

  private static func total(_ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
    let output = (input + stride - 1) / stride
    return max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - input)
  }

  /// The size of a sliding window's output, or `nil` where the window does not fit once.
  public func output(
    input: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit
  ) -> Extent? {
    let rows = input.height + top + bottom - (kernel.height - 1) * dilation.height - 1
    let columns = input.width + left + right - (kernel.width - 1) * dilation.width - 1
    guard rows >= 0, columns >= 0 else { return nil }
    return Extent(rows / stride.height + 1, columns / stride.width + 1)
  }
}
