/// The ten shapes, in label order. Each is drawn about the origin and spans about -1 ... 1.
package enum Silhouette: String, CaseIterable, Sendable {
  case circle, ring, crescent, triangle, square, hexagon, star, cross, arrow, heart

  /// Every shape lies within this distance of the origin.
  static let reach = 1.25

  /// Whether the shape covers a point.
  func contains(_ p: Point) -> Bool {
    let square = p.squaredLength
    switch self {
    case .circle: return square <= 0.92 * 0.92
    case .ring: return square <= 1 && square >= 0.58 * 0.58
    case .crescent: return square <= 1 && (p - Point(0.5, 0)).squaredLength >= 0.8 * 0.8
    case .square: return max(abs(p.x), abs(p.y)) <= 0.82
    case .cross: return max(abs(p.x), abs(p.y)) <= 1 && min(abs(p.x), abs(p.y)) <= 0.34
    case .heart: return Self.heartContains(p * 1.15 + Point(0, -0.15))
    case .triangle: return Self.triangleCorners.encloses(p)
    case .hexagon: return Self.hexagonCorners.encloses(p)
    case .star: return Self.starCorners.encloses(p)
    case .arrow: return Self.arrowCorners.encloses(p)
    }
  }

  /// The sextic heart curve `(x² + y² - 1)³ = x² y³`, point down.
  private static func heartContains(_ p: Point) -> Bool {
    let excess = p.squaredLength - 1
    return excess * excess * excess <= -p.x * p.x * p.y * p.y * p.y
  }

  private static let triangleCorners = [Point(0, -1.1), Point(0.95, 0.55), Point(-0.95, 0.55)]

  private static let hexagonCorners = [
    Point(1, 0), Point(0.5, 0.866), Point(-0.5, 0.866),
    Point(-1, 0), Point(-0.5, -0.866), Point(0.5, -0.866),
  ]

  /// Five points of radius 1.2 between five notches of radius 0.52.
  private static let starCorners = [
    Point(0, -1.2), Point(0.306, -0.421), Point(1.141, -0.371), Point(0.495, 0.161),
    Point(0.705, 0.971), Point(0, 0.52), Point(-0.705, 0.971), Point(-0.495, 0.161),
    Point(-1.141, -0.371), Point(-0.306, -0.421),
  ]

  private static let arrowCorners = [
    Point(0, -1.15), Point(0.85, -0.1), Point(0.32, -0.1), Point(0.32, 1.05),
    Point(-0.32, 1.05), Point(-0.32, -0.1), Point(-0.85, -0.1),
  ]
}

extension [Point] {
  /// Whether the polygon with these corners covers a point, by the even-odd rule.
  fileprivate func encloses(_ p: Point) -> Bool {
    var inside = false
    var a = self[count - 1]
    for b in self {
      if (a.y > p.y) != (b.y > p.y), p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y) {
        inside.toggle()
      }
      a = b
    }
    return inside
  }
}

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
