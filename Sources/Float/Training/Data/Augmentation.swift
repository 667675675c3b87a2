private import Glibc
internal import Tensors

/// How pictures are changed by chance each time they are shown. What is 0 or `false` is left out.
package struct Augmentation: Hashable, Codable, Sendable {
  /// Left to right, half of the time.
  package var flip = false
  /// Up to so many pixels in each direction; what comes in is a reflection.
  package var shift = 0
  /// Up to so many degrees in either direction.
  package var rotation = 0.0
  /// Up to so many columns a row, in either direction.
  package var shear = 0.0
  /// The part that is shown has at least `1 - zoom` of the picture's area, and sides of 3 to 4 to
  /// 4 to 3: a random resized crop.
  package var zoom = 0.0
  /// Brightness, contrast and saturation, each by up to this share.
  package var color = 0.0
  /// The side of a square that becomes gray, in pixels.
  /// Source: DeVries and Taylor, "Improved regularization with cutout", 2017.
  package var cutout = 0

  package init() {}

  /// Usual for pictures of about 32 x 32.
  package static var small: Augmentation {
    var augmentation = Augmentation()
    (augmentation.flip, augmentation.shift) = (true, 4)
    return augmentation
  }

  /// `pixels`, `[height][width][channels]`, changed as `random` decides.
  func callAsFunction(_ pixels: [UInt8], _ shape: Shape, _ random: inout SplitMix64) -> [UInt8] {
    let place = transform(shape, &random)
    var result = place.isWhole ? place.moved(pixels, shape) : place.sampled(pixels, shape)
    if color > 0 { recolor(&result, shape, &random) }
    if cutout > 0 { cut(&result, shape, &random) }
    return result
  }

  /// Where each pixel comes from. All is drawn in the same order whatever is left out of it.
  private func transform(_ shape: Shape, _ random: inout SplitMix64) -> Transform {
    let (height, width) = (Double(shape.height), Double(shape.width))
    let turn = random.real(in: -rotation...rotation) * .pi / 180
    let lean = random.real(in: -shear...shear)
    let area = random.real(in: (1 - zoom)...1)
    let ratio = zoom > 0 ? exp(random.real(in: -log(4.0 / 3)...log(4.0 / 3))) : 1
    let isFlipped = random.real(in: 0...1) < 0.5 && flip
    let shifts = (random.integer(-shift...shift), random.integer(-shift...shift))
    let size = (
      y: min(1, (area / ratio).squareRoot()), x: min(1, (area * ratio).squareRoot())
    )
    let room = (y: height * (1 - size.y) / 2, x: width * (1 - size.x) / 2)
    let away = (y: random.real(in: -1...1) * room.y, x: random.real(in: -1...1) * room.x)
    let sign = isFlipped ? -1.0 : 1.0
    return Transform(
      yy: cos(turn) * size.y, yx: sign * sin(turn) * size.x,
      xy: (lean * cos(turn) - sin(turn)) * size.y,
      xx: sign * (lean * sin(turn) + cos(turn)) * size.x,
      y: away.y + Double(shifts.0), x: away.x + Double(shifts.1),
      isWhole: rotation == 0 && shear == 0 && zoom == 0)
  }

  private func recolor(_ pixels: inout [UInt8], _ shape: Shape, _ random: inout SplitMix64) {
    let (channels, count) = (shape.channels, pixels.count)
    let brightness = 1 + random.real(in: -color...color)
    let contrast = 1 + random.real(in: -color...color)
    let saturation = 1 + random.real(in: -color...color)
    let mean = pixels.reduce(0.0) { $0 + Double($1) } / Double(max(count, 1)) * brightness
    for first in stride(from: 0, to: count, by: channels) {
      let gray =
        (first..<first + channels).reduce(0.0) { $0 + Double(pixels[$1]) } / Double(channels)
      for index in first..<first + channels {
        let value = (gray + (Double(pixels[index]) - gray) * saturation) * brightness
        pixels[index] = UInt8(min(max(mean + (value - mean) * contrast, 0), 255).rounded())
      }
    }
  }

  private func cut(_ pixels: inout [UInt8], _ shape: Shape, _ random: inout SplitMix64) {
    let (y, x) = (random.integer(0...shape.height - 1), random.integer(0...shape.width - 1))
    let rows = max(0, y - cutout / 2)..<min(shape.height, y - cutout / 2 + cutout)
    let columns = max(0, x - cutout / 2)..<min(shape.width, x - cutout / 2 + cutout)
    for row in rows {
      for column in columns {
        for c in 0..<shape.channels {
          pixels[(row * shape.width + column) * shape.channels + c] = 127
        }
      }
    }
  }
}

/// From a pixel's place, measured from the picture's center, to where its value comes from.
private struct Transform {
  let yy, yx, xy, xx: Double
  let y, x: Double
  /// Whether places are whole numbers of pixels: no more than a shift and a reflection.
  let isWhole: Bool

  func moved(_ pixels: [UInt8], _ shape: Shape) -> [UInt8] {
    let (height, width, channels) = (shape.height, shape.width, shape.channels)
    var result = [UInt8](repeating: 0, count: pixels.count)
    for row in 0..<height {
      let fromRow = Self.reflected(row + Int(y), height)
      for column in 0..<width {
        let straight = xx < 0 ? width - 1 - column : column
        let from = (fromRow * width + Self.reflected(straight + Int(x), width)) * channels
        let to = (row * width + column) * channels
        for c in 0..<channels { result[to + c] = pixels[from + c] }
      }
    }
    return result
  }

  /// Between pixels, by distance to the four around.
  func sampled(_ pixels: [UInt8], _ shape: Shape) -> [UInt8] {
    let (height, width, channels) = (shape.height, shape.width, shape.channels)
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    var result = [UInt8](repeating: 0, count: pixels.count)
    for row in 0..<height {
      for column in 0..<width {
        let (dy, dx) = (Double(row) - middleY, Double(column) - middleX)
        let fromY = yy * dy + yx * dx + y + middleY
        let fromX = xy * dy + xx * dx + x + middleX
        let (top, left) = (fromY.rounded(.down), fromX.rounded(.down))
        let (below, right) = (fromY - top, fromX - left)
        let rows = [Int(top), Int(top) + 1].map { Self.reflected($0, height) * width }
        let columns = [Int(left), Int(left) + 1].map { Self.reflected($0, width) }
        for c in 0..<channels {
          func value(_ y: Int, _ x: Int) -> Double {
            Double(pixels[(rows[y] + columns[x]) * channels + c])
          }
          let upper = value(0, 0) + (value(0, 1) - value(0, 0)) * right
          let lower = value(1, 0) + (value(1, 1) - value(1, 0)) * right
          let sum = upper + (lower - upper) * below
          result[(row * width + column) * channels + c] = UInt8(min(max(sum, 0), 255).rounded())
        }
      }
    }
    return result
  }

  /// An index of `0 ..< count`, mirrored at both ends without repeating the last value.
  private static func reflected(_ index: Int, _ count: Int) -> Int {
    guard count > 1 else { return 0 }
    let period = 2 * (count - 1)
    let rest = ((index % period) + period) % period
    return rest < count ? rest : period - rest
  }
}

extension SplitMix64 {
  /// A number of `range`, in steps of 2^-24 of its length.
  mutating func real(in range: ClosedRange<Double>) -> Double {
    let fraction = Double(next() >> 40) * 0x1p-24
    return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() >> 33) % range.count
  }
}
