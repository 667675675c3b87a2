internal import Tensors

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
