internal import Tensors

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
