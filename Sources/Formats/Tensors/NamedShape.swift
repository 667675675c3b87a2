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
