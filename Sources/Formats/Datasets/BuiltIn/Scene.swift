internal import Tensors

/// Everything that decides one picture, before a pixel is drawn.
///
/// The subject is by far the largest shape; the others are clutter behind it and bars before it.
struct Scene: Sendable {
  let background: Texture
  /// Back to front.
  let layers: [Layer]
  /// Brightness at the middle, and its change per pixel.
  let light: Double
  let lightSlope: Point
  /// Passes of a 3×3 binomial blur.
  let blurPasses: Int
  /// Standard deviation of the noise, in units of the full range.
  let noise: Double

  init(subject: Silhouette, using random: inout SplitMix64) {
    let backdrop = Color.random(using: &random)
    background = Texture(base: backdrop, contrast: random.real(in: 0...0.4), using: &random)
    let paint = Color.random(apart: 0.4, from: backdrop, using: &random)
    let shape = Self.subject(subject, base: paint, using: &random)
    let bars = (0..<random.integer(below: 2)).map { _ in
      Self.bar(over: shape.center, using: &random)
    }
    let clutter = (0..<random.integer(below: 5)).map { _ in Self.clutter(using: &random) }
    layers = clutter + [shape] + bars
    light = random.real(in: 0.6...1.2)
    lightSlope = random.direction() * random.real(in: 0...0.025)
    blurPasses = random.integer(below: 3)
    noise = random.real(in: 0...0.07)
  }

  private static func subject(
    _ silhouette: Silhouette, base: Color, using random: inout SplitMix64
  ) -> Layer {
    let size = random.real(in: 7...12)
    return Layer(
      silhouette, at: Point(random.real(in: -7...7), random.real(in: -7...7)),
      facing: random.direction(), extent: Point(size, size * random.real(in: 0.8...1.25)),
      texture: Texture(base: base, contrast: random.real(in: 0...0.4), using: &random))
  }

  /// A thin rectangle that crosses the subject near its center.
  private static func bar(over center: Point, using random: inout SplitMix64) -> Layer {
    let offset = Point(random.real(in: -6...6), random.real(in: -6...6))
    return Layer(
      .square, at: center + offset, facing: random.direction(),
      extent: Point(random.real(in: 5...20), random.real(in: 0.7...1.8)),
      texture: Texture(base: .random(using: &random), contrast: 0.2, using: &random))
  }

  /// A small shape of any kind, anywhere.
  private static func clutter(using random: inout SplitMix64) -> Layer {
    let size = random.real(in: 1.2...3.2)
    return Layer(
      Silhouette.allCases[random.integer(below: Silhouette.allCases.count)],
      at: Point(random.real(in: -16...16), random.real(in: -16...16)),
      facing: random.direction(), extent: Point(size, size * random.real(in: 0.7...1.4)),
      texture: Texture(base: .random(using: &random), contrast: 0.2, using: &random))
  }
}

extension Scene {
  /// Width and height of the picture, in pixels.
  static let side = 32

  /// Width and height of the canvas, in samples: two to a pixel.
  private static let canvasSide = 2 * side

  /// The picture as 3 × 32 × 32 bytes, planes red, green, blue. Noise is drawn from `random`.
  func rendered(using random: inout SplitMix64) -> [UInt8] {
    var pixels = lit(painted())
    for _ in 0..<blurPasses { pixels = Self.blurred(pixels) }
    let plane = Self.side * Self.side
    var bytes = [UInt8](repeating: 0, count: 3 * plane)
    for (index, pixel) in pixels.enumerated() {
      let gray = random.bell()
      bytes[index] = byte(pixel.red, noise: gray + random.bell())
      bytes[index + plane] = byte(pixel.green, noise: gray + random.bell())
      bytes[index + 2 * plane] = byte(pixel.blue, noise: gray + random.bell())
    }
    return bytes
  }

  /// `value` on `0 ... 255`, to nearest, ties up. `deviate` is the sum of two deviates.
  private func byte(_ value: Double, noise deviate: Double) -> UInt8 {
    UInt8(min(max((value + deviate * noise * 0.7) * 255, 0), 255) + 0.5)
  }

  /// The background and every layer over it, 64×64 samples.
  private func painted() -> [Color] {
    let side = Self.canvasSide
    var canvas = (0..<side * side).map {
      background.color(at: Self.position($0 % side, $0 / side))
    }
    for layer in layers {
      let columns = Self.samples(within: layer.reach, of: layer.center.x)
      for y in Self.samples(within: layer.reach, of: layer.center.y) {
        for x in columns {
          let p = Self.position(x, y)
          if layer.contains(p) { canvas[y * side + x] = layer.texture.color(at: p) }
        }
      }
    }
    return canvas
  }

  /// Where a sample lies, in pixels from the middle of the image.
  private static func position(_ x: Int, _ y: Int) -> Point {
    let middle = Double(canvasSide - 1) / 2
    return Point(Double(x) - middle, Double(y) - middle) / 2
  }

  /// The samples of one axis within `reach` of `center`, both in pixels from the middle.
  private static func samples(within reach: Double, of center: Double) -> Range<Int> {
    let middle = Double(side) / 2
    let first = max(Int((center - reach + middle) * 2), 0)
    let end = min(Int((center + reach + middle) * 2) + 1, canvasSide)
    return first..<max(first, end)
  }

  /// The mean of each pixel's four samples, under the light.
  private func lit(_ canvas: [Color]) -> [Color] {
    (0..<Self.side * Self.side).map { index in
      let (x, y) = (2 * (index % Self.side), 2 * (index / Self.side))
      let first = y * Self.canvasSide + x
      let second = first + Self.canvasSide
      let sum = canvas[first] + canvas[first + 1] + canvas[second] + canvas[second + 1]
      return sum * (0.25 * max(light + Self.position(x, y).along(lightSlope), 0))
    }
  }

  /// One pass of the kernel [1 2 1] / 4 in both directions; the edge repeats.
  private static func blurred(_ pixels: [Color]) -> [Color] {
    func pass(_ source: [Color], step: Int, position: (Int) -> Int) -> [Color] {
      source.indices.map { index in
        let before = position(index) == 0 ? index : index - step
        let after = position(index) == side - 1 ? index : index + step
        return (source[before] + source[index] * 2 + source[after]) * 0.25
      }
    }
    let rows = pass(pixels, step: 1) { $0 % side }
    return pass(rows, step: side) { $0 / side }
  }
}

/// One painted shape of a scene: where it lies, how it is turned and stretched, and its paint.
struct Layer: Sendable {
  let silhouette: Silhouette
  /// Pixels from the middle of the image.
  let center: Point
  let texture: Texture
  /// The shape lies within this many pixels of its center.
  let reach: Double
  /// The shape's own axes, each divided by the pixels that a length of 1 spans along it.
  private let xAxis: Point
  private let yAxis: Point

  /// Places a shape with its `x` axis along a unit vector.
  ///
  /// `extent` is the pixels that a length of 1 spans along the shape's own two axes.
  init(_ silhouette: Silhouette, at center: Point, facing: Point, extent: Point, texture: Texture) {
    self.silhouette = silhouette
    self.center = center
    self.texture = texture
    reach = Silhouette.reach * max(extent.x, extent.y)
    xAxis = facing / extent.x
    yAxis = Point(-facing.y, facing.x) / extent.y
  }

  /// Whether the layer covers a point, in pixels from the middle of the image.
  func contains(_ p: Point) -> Bool {
    let offset = p - center
    let local = Point(offset.along(xAxis), offset.along(yAxis))
    return max(abs(local.x), abs(local.y)) <= Silhouette.reach && silhouette.contains(local)
  }
}

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
