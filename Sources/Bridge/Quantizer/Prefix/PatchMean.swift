internal import Tensors

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
        for index in codes.indices { sums[index] += Int64(Int32(codes[index]) - zeroPoint) }
      }
    }
    let taps = patches.kernel.count
    var totals = [Int64](repeating: 0, count: taps * channels)
    for position in 0..<patches.output.count {
      let window = patches.pixels(at: position)
      for tap in 0..<taps {
        guard let pixel = window[tap] else { continue }
        for c in 0..<channels { totals[tap * channels + c] += sums[pixel * channels + c] }
      }
    }
    let count = Double(patches.output.count * images.count)
    values = totals.map { Double($0) / count }
  }
}
