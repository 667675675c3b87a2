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
