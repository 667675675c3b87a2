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

extension [NamedShape] {
  /// The shape of the values: of one its own; of several, which follow one another, `[1, all]`.
  public var joined: Shape {
    count == 1 ? self[0].shape : [1, reduce(0) { $0 + $1.shape.count }]
  }
}

/// What a network takes or gives: the name and the shape of one of its inputs or outputs.
public struct NamedShape: Hashable, Sendable {
  /// As the model file has it.
  public let name: String
  /// NHWC for images.
  public let shape: Shape

  /// An input or an output by its parts.
  public init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

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

/// Hands out each name once.
package struct UniqueNames: Sendable {
  private var taken: Set<String> = []

  /// Nothing has been handed out.
  package init() {}

  /// `name`, or the first of `name_1`, `name_2` and so on that has not been handed out;
  /// `tensor` stands for an empty one.
  package mutating func unique(_ name: String) -> String {
    let name = name.isEmpty ? "tensor" : name
    var candidate = name
    var count = 0
    while !taken.insert(candidate).inserted {
      count += 1
      candidate = "\(name)_\(count)"
    }
    return candidate
  }
}
