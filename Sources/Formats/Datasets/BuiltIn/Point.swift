/// A point or a vector of the plane: `x` to the right, `y` down.
///
/// Only `+ - * /` and square roots are used on it: IEEE 754 rounds those the same everywhere.
struct Point: Sendable {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  var squaredLength: Double { x * x + y * y }

  static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
  static func * (a: Point, factor: Double) -> Point { Point(a.x * factor, a.y * factor) }
  static func / (a: Point, divisor: Double) -> Point { Point(a.x / divisor, a.y / divisor) }

  /// The component of `self` along a unit vector.
  func along(_ direction: Point) -> Double { x * direction.x + y * direction.y }
}
