/// The sizes of a tensor, outermost axis first. Images are NHWC: `[N, H, W, C]`.
public struct Shape: Hashable, Codable, Sendable {
  /// One entry an axis, each at least 1; none for a scalar.
  public var dimensions: [Int]

  /// A shape from its axes.
  public init(_ dimensions: [Int]) { self.dimensions = dimensions }

  /// An image batch `[batch, height, width, channels]`.
  public init(batch: Int = 1, height: Int, width: Int, channels: Int) {
    dimensions = [batch, height, width, channels]
  }

  /// How many values the tensor holds.
  public var count: Int { dimensions.reduce(1, *) }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The innermost axis; 1 for a scalar.
  public var channels: Int { dimensions.last ?? 1 }

  /// Axis H of a rank-4 tensor, 1 otherwise.
  public var height: Int { rank == 4 ? dimensions[1] : 1 }

  /// Axis W of a rank-4 tensor, 1 otherwise.
  public var width: Int { rank == 4 ? dimensions[2] : 1 }

  /// Height and width of a rank-4 tensor, 1 × 1 otherwise.
  public var extent: Extent { Extent(height, width) }
}

extension Shape {
  /// Whether `row`, without the axis N, has the axes of this NHWC shape in the order C, H, W, and
  /// not as they are.
  public func isTurned(_ row: [Int]) -> Bool {
    rank == 4 && row == [channels, height, width] && row != Array(dimensions.dropFirst())
  }
}

extension Shape: CustomStringConvertible {
  /// `1x32x32x3`.
  public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

extension Shape: ExpressibleByArrayLiteral {
  /// `[1, 32, 32, 3]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

/// Real values with their shape.
public struct Tensor: Hashable, Sendable {
  /// The sizes, outermost axis first.
  public let shape: Shape
  /// The values, innermost axis (channels) fastest.
  public var values: [Float]

  /// A tensor whose values fill `shape` exactly.
  public init(_ shape: Shape, _ values: [Float]) {
    precondition(shape.count == values.count, "\(values.count) values for shape \(shape)")
    self.shape = shape
    self.values = values
  }
}
