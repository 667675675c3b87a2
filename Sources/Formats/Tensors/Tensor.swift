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
