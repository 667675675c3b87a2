/// The interval to which a kernel cuts its output.
struct Clamp: Hashable, Sendable {
  let minimum: Float
  let maximum: Float

  init(_ bounds: ClosedRange<Double>) {
    minimum = Float(bounds.lowerBound)
    maximum = Float(bounds.upperBound)
  }

  /// Everything.
  static let none = Clamp(-.infinity ... .infinity)
}
