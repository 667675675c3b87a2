internal import Tensors

/// How a surface is painted: two colors and what alternates between them.
struct Texture: Sendable {
  enum Pattern: CaseIterable, Sendable {
    case plain, gradient, stripes, checkers, blotches
  }

  let pattern: Pattern
  let first: Color
  let second: Color
  /// Unit vector across the stripes or along the gradient.
  let direction: Point
  /// Length of a stripe, a check or a blotch, in pixels.
  let period: Double
  /// Decides the heights of the blotches.
  let seed: UInt64

  /// A random pattern about `base`; `contrast` (`0 ... 1`) is how far the second color strays.
  init(base: Color, contrast: Double, using random: inout SplitMix64) {
    pattern = Pattern.allCases[random.integer(below: Pattern.allCases.count)]
    first = base
    second = base.mixed(with: .random(using: &random), contrast)
    direction = random.direction()
    period = random.real(in: 2...6)
    seed = random.next()
  }

  /// The color at a point, in pixels.
  func color(at p: Point) -> Color {
    let across = p.along(direction)
    switch pattern {
    case .plain:
      return first
    case .gradient:
      return first.mixed(with: second, min(max(across / 32 + 0.5, 0), 1))
    case .stripes:
      return isOdd(across) ? second : first
    case .checkers:
      return isOdd(across) != isOdd(p.along(Point(-direction.y, direction.x))) ? second : first
    case .blotches:
      return first.mixed(with: second, height(at: p / period))
    }
  }

  private func isOdd(_ distance: Double) -> Bool {
    Int((distance / period).rounded(.down)) & 1 == 1
  }

  /// Bilinear between the four lattice corners around `p`, in `0 ..< 1`.
  private func height(at p: Point) -> Double {
    let left = p.x.rounded(.down)
    let top = p.y.rounded(.down)
    let (x, y) = (Int(left), Int(top))
    let (fx, fy) = (p.x - left, p.y - top)
    let upper = corner(x, y) * (1 - fx) + corner(x + 1, y) * fx
    let lower = corner(x, y + 1) * (1 - fx) + corner(x + 1, y + 1) * fx
    return upper * (1 - fy) + lower * fy
  }

  private func corner(_ x: Int, _ y: Int) -> Double {
    var random = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: x << 32 ^ y & 0xFFFF_FFFF))
    return random.unit()
  }
}

/// A color with components in `0 ... 1`; light may push them above 1 until they are stored.
struct Color: Sendable {
  var red: Double
  var green: Double
  var blue: Double

  init(_ red: Double, _ green: Double, _ blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static func + (a: Color, b: Color) -> Color {
    Color(a.red + b.red, a.green + b.green, a.blue + b.blue)
  }

  static func * (a: Color, factor: Double) -> Color {
    Color(a.red * factor, a.green * factor, a.blue * factor)
  }

  /// `self` at 0, `other` at 1, a straight line between.
  func mixed(with other: Color, _ amount: Double) -> Color {
    self * (1 - amount) + other * amount
  }

  /// Euclidean distance, `0 ... √3`.
  func distance(to other: Color) -> Double {
    let d = self + other * -1
    return (d.red * d.red + d.green * d.green + d.blue * d.blue).squareRoot()
  }

  static func random(using random: inout SplitMix64) -> Color {
    Color(random.unit(), random.unit(), random.unit())
  }

  /// A color at least `distance` away from `other`; `distance` must stay below √3 / 2.
  static func random(apart distance: Double, from other: Color, using random: inout SplitMix64)
    -> Color
  {
    while true {
      let color = Color.random(using: &random)
      if color.distance(to: other) >= distance { return color }
    }
  }
}
