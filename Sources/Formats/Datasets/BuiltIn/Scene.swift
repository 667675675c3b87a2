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
