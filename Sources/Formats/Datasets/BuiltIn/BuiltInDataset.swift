package import Files
private import FoundationEssentials
private import Glibc
internal import Tensors

/// Ten classes of drawn shapes in 32×32 color pictures, the same bytes on every machine.
///
/// A record is laid out as CIFAR-10's binary version: one label byte, then 3,072 pixels in planes
/// red, green, blue. Every record depends on the seed, its split and its index alone.
package struct BuiltInDataset: Sendable {
  package enum Split: UInt64, CaseIterable, Sendable {
    case training, test

    /// How many records the split holds.
    package var count: Int {
      switch self {
      case .training: 20_000
      case .test: 5_000
      }
    }
  }

  /// The seed of the bundled model's training data.
  package static let standardSeed: UInt64 = 2024

  /// Class names in label order.
  package static let labels = Silhouette.allCases.map(\.rawValue)

  /// One label byte and 3 × 32 × 32 pixels.
  package static let recordBytes = 1 + 3 * Scene.side * Scene.side

  private let seed: UInt64

  package init(seed: UInt64 = standardSeed) {
    self.seed = seed
  }

  /// The record at `index`, in `0 ..< split.count`.
  package func record(index: Int, split: Split) -> [UInt8] {
    precondition((0..<split.count).contains(index), "record \(index) of \(split.count)")
    let label = label(index: index, split: split)
    var random = SplitMix64(seed: seed, stream: split.rawValue << 32 | UInt64(index))
    let scene = Scene(subject: Silhouette.allCases[label], using: &random)
    return [UInt8(label)] + scene.rendered(using: &random)
  }

  /// Each run of ten records holds every class once, in an order of its own, so that any prefix
  /// is balanced and an even stride still meets all classes.
  private func label(index: Int, split: Split) -> Int {
    let classCount = Silhouette.allCases.count
    var random = SplitMix64(
      seed: ~seed, stream: split.rawValue << 32 | UInt64(index / classCount))
    var order = Array(0..<classCount)
    for last in stride(from: classCount - 1, to: 0, by: -1) {
      order.swapAt(last, random.integer(below: last + 1))
    }
    return order[index % classCount]
  }
}

extension BuiltInDataset {
  /// Files of the training split, `data_batch_1.bin` and on, of equal length.
  private static let trainingFileCount = 5

  /// Writes the data set as CIFAR-10's binary version: `data_batch_1.bin` ... `data_batch_5.bin`
  /// (4,000 records each), `test_batch.bin` (5,000) and `batches.meta.txt`, one class a line.
  ///
  /// The folder is made if need be. `batches.meta.txt` comes last, so where it stands the data
  /// set is whole.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package func write(to folder: String) throws(FileError) {
    let recordCount = Split.training.count / Self.trainingFileCount
    for file in 0..<Self.trainingFileCount {
      let batch = records(in: file * recordCount..<(file + 1) * recordCount, of: .training)
      try AtomicFile.write(batch, to: "\(folder)/data_batch_\(file + 1).bin")
    }
    let test = records(in: 0..<Split.test.count, of: .test)
    try AtomicFile.write(test, to: "\(folder)/test_batch.bin")
    let names = Self.labels.map { $0 + "\n" }.joined()
    try AtomicFile.write(names, to: "\(folder)/batches.meta.txt")
  }

  private func records(in range: Range<Int>, of split: Split) -> Data {
    var bytes = Data(capacity: range.count * Self.recordBytes)
    for index in range { bytes += record(index: index, split: split) }
    return bytes
  }
}

/// Draws that spend bits in one fixed way: the standard library's may change how they do.
extension SplitMix64 {
  /// One of the unrelated sequences of a seed.
  init(seed: UInt64, stream: UInt64) {
    var scrambler = SplitMix64(seed: seed)
    scrambler = SplitMix64(seed: scrambler.next() ^ stream)
    self.init(seed: scrambler.next())
  }

  /// Uniform in `0 ..< 1`, in steps of 2^-53.
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform in `range`.
  mutating func real(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// Uniform in `0 ..< bound`, but for a bias below `bound / 2^64`.
  mutating func integer(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Nearly normal, mean 0, deviation 1, in steps of 1/4: heads among 64 coins less 32, over 4.
  mutating func bell() -> Double {
    Double(next().nonzeroBitCount - 32) / 4
  }

  /// A unit vector at a uniform angle, found without a sine: a point of the disc, scaled.
  mutating func direction() -> Point {
    while true {
      let point = Point(real(in: -1...1), real(in: -1...1))
      let square = point.squaredLength
      if square > 0x1p-8, square <= 1 { return point / square.squareRoot() }
    }
  }
}

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
