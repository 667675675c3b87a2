internal import HostKernels
internal import Tensors

/// What a sample of the windows of all images says of a layer's input, in codes.
enum PatchCovariance {
  /// At most this many windows of an image are looked at, spread evenly.
  private static let windowsPerImage = 128
  /// The images are summed in so many parts however many threads there are: sums of 16-bit codes
  /// depend on their order.
  private static let parts = 4
  /// Windows of more values, whose sums take megabytes, are summed in one part.
  private static let mostShared = 1024

  /// Of all values of a window, `[taps * channels]` in weight order: for dense layers.
  static func dense<Code: FixedWidthInteger>(
    _ patches: Patches, images: [[Code]], zeroPoint: Int32, _ team: Team
  ) -> SymmetricMatrix {
    let channels = patches.input.channels
    let parts = patches.count <= mostShared ? Self.parts : 1
    let sums = team.map(parts) { part in
      var accumulator = CovarianceAccumulator(size: patches.count)
      var values = [Float](repeating: 0, count: patches.count)
      forEachWindow(patches, images, part, of: parts) { _, window, codes in
        values.withUnsafeMutableBufferPointer { values in
          for (tap, pixel) in window.enumerated() {
            codes.copyReals(of: pixel, channels, zeroPoint, to: values, at: tap * channels)
          }
        }
        accumulator.add(values)
      }
      return accumulator
    }
    return sums.dropFirst().reduce(into: sums[0]) { $0.add($1) }.covariance
  }

  /// Of the taps of each channel, with the mean square of its values: for depthwise layers.
  static func channelwise<Code: FixedWidthInteger>(
    _ patches: Patches, images: [[Code]], zeroPoint: Int32, _ team: Team
  ) -> [(covariance: SymmetricMatrix, meanSquare: Double)] {
    let sums = team.map(parts) { part in
      var accumulator = ChannelCovariances(
        taps: patches.kernel.count, channels: patches.input.channels)
      forEachWindow(patches, images, part, of: parts) { _, window, codes in
        accumulator.add(window, codes, zeroPoint: zeroPoint)
      }
      return accumulator
    }
    return sums.dropFirst().reduce(into: sums[0]) { $0.add($1) }.covariances
  }

  /// As `dense`, with the errors of the codes, for each of some folds of the images.
  ///
  /// - Parameters:
  ///   - reals: What the float network has there, one array an image.
  ///   - scale: The input's.
  static func moments<Code: FixedWidthInteger>(
    _ patches: Patches, images: [[Code]], reals: [[Float]], zeroPoint: Int32, scale: Double,
    folds: Int, _ team: Team
  ) -> [WindowMoments] {
    let channels = patches.input.channels
    let inverse = Float(1 / scale)
    return team.map(folds) { fold in
      var moments = WindowMoments(size: patches.count)
      var values = [Float](repeating: 0, count: patches.count)
      var errors = values
      forEachWindow(patches, images, fold, of: folds) { number, window, codes in
        values.withUnsafeMutableBufferPointer { values in
          for (tap, pixel) in window.enumerated() {
            codes.copyReals(of: pixel, channels, zeroPoint, to: values, at: tap * channels)
          }
        }
        let reals = reals[number]
        for (tap, pixel) in window.enumerated() {
          let (first, place) = (tap * channels, pixel * channels)
          for c in 0..<channels {
            errors[first + c] = pixel < 0 ? 0 : reals[place + c] * inverse - values[first + c]
          }
        }
        moments.add(codes: values, errors: errors)
      }
      moments.flush()
      return moments
    }
  }

  /// How many windows of an image are looked at.
  static func windows(_ patches: Patches) -> Int { min(patches.output.count, windowsPerImage) }

  /// Of every image whose number leaves `part` when divided by `parts`.
  private static func forEachWindow<Code: FixedWidthInteger>(
    _ patches: Patches, _ images: [[Code]], _ part: Int, of parts: Int,
    _ body: (_ image: Int, _ window: [Int], _ codes: UnsafeBufferPointer<Code>) -> Void
  ) {
    let count = patches.output.count
    let used = windows(patches)
    var window = [Int](repeating: 0, count: patches.kernel.count)
    for number in stride(from: part, to: images.count, by: parts) {
      images[number].withUnsafeBufferPointer { codes in
        for index in 0..<used {
          // Another phase in every image, so that all positions take part.
          let position = (index * count / used + number * 7) % count
          patches.pixels(at: position, into: &window)
          body(number, window, codes)
        }
      }
    }
  }
}

extension UnsafeBufferPointer where Element: FixedWidthInteger {
  /// Writes the codes of `pixel` less the zero point to `values` from `place` on; zeros for -1, which
  /// lies outside the image.
  fileprivate func copyReals(
    of pixel: Int, _ channels: Int, _ zeroPoint: Int32,
    to values: UnsafeMutableBufferPointer<Float>, at place: Int
  ) {
    let target = UnsafeMutableBufferPointer(rebasing: values[place..<place + channels])
    guard pixel >= 0 else { return target.update(repeating: 0) }
    let source = UnsafeBufferPointer(rebasing: self[pixel * channels..<(pixel + 1) * channels])
    for c in 0..<channels { target[c] = Float(Int32(truncatingIfNeeded: source[c]) &- zeroPoint) }
  }
}

/// The mean of every tap of a layer's windows over all windows of all images, in codes less the
/// zero point: what the layer's weights meet on average.
struct PatchMean {
  /// `[taps][channels]`.
  let values: [Double]

  /// - Parameters:
  ///   - images: The input's codes, one array an image.
  ///   - zeroPoint: The input's; a tap outside the image counts as 0.
  init<Code: FixedWidthInteger>(_ patches: Patches, images: [[Code]], zeroPoint: Int32) {
    let channels = patches.input.channels
    let pixels = patches.input.extent.count
    // How often each tap meets each pixel is the same in every image.
    var sums = [Int64](repeating: 0, count: pixels * channels)
    for image in images {
      image.withUnsafeBufferPointer { codes in
        for index in codes.indices { sums[index] &+= Int64(Int32(codes[index]) &- zeroPoint) }
      }
    }
    let taps = patches.kernel.count
    var totals = [Int64](repeating: 0, count: taps * channels)
    var window = [Int](repeating: 0, count: taps)
    for position in 0..<patches.output.count {
      patches.pixels(at: position, into: &window)
      for (tap, pixel) in window.enumerated() where pixel >= 0 {
        for c in 0..<channels { totals[tap * channels + c] &+= sums[pixel * channels + c] }
      }
    }
    let count = Double(patches.output.count * images.count)
    values = totals.map { Double($0) / count }
  }
}

/// Sums of values and of their products, a block of rows at a time.
struct CovarianceAccumulator {
  let size: Int
  private(set) var count = 0
  private(set) var sums: [Double]
  /// Lower triangle, `[size][size]`.
  private var products: [Double]
  /// Rows not yet in `products`, `[rows][size]`.
  private var pending: [Float] = []

  static let blockRows = 32

  init(size: Int) {
    self.size = size
    sums = [Double](repeating: 0, count: size)
    products = [Double](repeating: 0, count: size * size)
  }

  /// Takes in one row of `size` values.
  mutating func add(_ row: [Float]) {
    pending += row
    count += 1
    if pending.count >= Self.blockRows * size { flush() }
  }

  /// Takes in all that `other` has seen.
  mutating func add(_ other: CovarianceAccumulator) {
    precondition(size == other.size)
    var other = other
    other.flush()
    flush()
    count += other.count
    for i in sums.indices { sums[i] += other.sums[i] }
    for i in products.indices { products[i] += other.products[i] }
  }

  /// The covariance of the rows so far; of none, zeros.
  var covariance: SymmetricMatrix {
    var all = self
    all.flush()
    var result = SymmetricMatrix(size: size)
    guard count > 0 else { return result }
    let scale = 1 / Double(count)
    for i in 0..<size {
      for j in 0...i {
        let value = all.products[i * size + j] * scale - all.sums[i] * all.sums[j] * scale * scale
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// The mean of the squares of all values.
  var meanSquare: Double {
    var all = self
    all.flush()
    let sum = (0..<size).reduce(0) { $0 + all.products[$1 * size + $1] }
    return sum / Double(max(size * count, 1))
  }

  /// Takes pending rows into the sums.
  mutating func flush() {
    let rows = pending.count / size
    addProducts(pending, pending, rows: rows, size: size, isSymmetric: true, to: &products)
    for row in 0..<rows {
      for i in 0..<size { sums[i] += Double(pending[row * size + i]) }
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// Adds `transpose(a) * b` to `sums`, `[size][size]`, where `a` and `b` are `[rows][size]`; with
/// `isSymmetric`, to the lower triangle alone.
///
/// Products of codes stay exact: a block's sums are whole numbers below 2^24.
///
/// - Parameter rows: At most 32.
func addProducts(
  _ a: [Float], _ b: [Float], rows: Int, size: Int, isSymmetric: Bool, to sums: inout [Double]
) {
  precondition(a.count >= rows * size && b.count >= rows * size && sums.count == size * size)
  var shape = mnqh_products_f32(rows: rows, size: size, is_lower: isSymmetric)
  mnqh_add_products_f32(&shape, a, b, &sums)
}

/// Sums of the values of windows and of their products, tap by tap for each channel.
private struct ChannelCovariances {
  private let taps: Int
  private let channels: Int
  private var count = 0
  /// `[taps][channels]`.
  private var sums: [Double]
  /// Of each pair of taps, the second not behind the first: `[pairs][channels]`.
  private var products: [Double]
  /// Windows not yet in the sums, `[windows][taps][channels]`.
  private var pending: [Float]
  private var waiting = 0

  init(taps: Int, channels: Int) {
    (self.taps, self.channels) = (taps, channels)
    sums = [Double](repeating: 0, count: taps * channels)
    products = [Double](repeating: 0, count: taps * (taps + 1) / 2 * channels)
    pending = [Float](repeating: 0, count: CovarianceAccumulator.blockRows * taps * channels)
  }

  /// Takes in all that `other` has seen.
  mutating func add(_ other: ChannelCovariances) {
    precondition(taps == other.taps && channels == other.channels)
    var other = other
    other.flush()
    flush()
    count += other.count
    for i in sums.indices { sums[i] += other.sums[i] }
    for i in products.indices { products[i] += other.products[i] }
  }

  /// Takes in one window: where each tap lies in `codes`, -1 outside the image.
  mutating func add<Code: FixedWidthInteger>(
    _ window: [Int], _ codes: UnsafeBufferPointer<Code>, zeroPoint: Int32
  ) {
    let start = waiting * taps * channels
    let channels = channels
    pending.withUnsafeMutableBufferPointer { pending in
      for (tap, pixel) in window.enumerated() {
        codes.copyReals(of: pixel, channels, zeroPoint, to: pending, at: start + tap * channels)
      }
    }
    count += 1
    waiting += 1
    if waiting == CovarianceAccumulator.blockRows { flush() }
  }

  /// Takes pending windows into the sums. A block's sums of 8-bit codes are whole numbers below 2^24.
  private mutating func flush() {
    var shape = mnqh_channel_windows(windows: waiting, taps: taps, channels: channels)
    mnqh_add_channel_products_f32(&shape, pending, &sums, &products)
    waiting = 0
  }

  /// Of each channel; of no windows, zeros.
  var covariances: [(covariance: SymmetricMatrix, meanSquare: Double)] {
    var all = self
    all.flush()
    let scale = 1 / Double(max(count, 1))
    return (0..<channels).map { c in
      var covariance = SymmetricMatrix(size: taps)
      var squares = 0.0
      var pair = 0
      for i in 0..<taps {
        for j in 0...i {
          let product = all.products[pair * channels + c]
          let value =
            product * scale - all.sums[i * channels + c] * all.sums[j * channels + c] * scale
            * scale
          (covariance[i, j], covariance[j, i]) = (value, value)
          if i == j { squares += product }
          pair += 1
        }
      }
      return (covariance, squares / Double(max(taps * count, 1)))
    }
  }
}
