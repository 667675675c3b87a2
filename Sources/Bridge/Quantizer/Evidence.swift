package import Calibration
internal import FloatReference
internal import NetworkGraph
internal import Tensors

/// What is known of a float network's tensors from running it on images.
package struct Evidence {
  /// The range that each tensor's codes are to cover, in real units, by tensor index.
  package var ranges: [ClosedRange<Double>]
  /// The range that the 16-bit codes in front of a curve are to cover, in real units, by tensor
  /// index; `nil` for tensors that are int8.
  package var preActivationRanges: [ClosedRange<Double>?]
  /// The range that the codes of 16-bit tensors are to cover, in real units, by tensor index; `nil`
  /// for tensors that are int8.
  package var wideRanges: [ClosedRange<Double>?]
  /// The scale and zero point that the file gives a tensor, by tensor index; `nil` for tensors that
  /// follow from ranges.
  package var given: [AffineParameters?]
  /// The mean of each channel over images, rows and columns, in real units, by tensor index.
  package var channelMeans: [[Double]]
  /// What to multiply each channel by to get that of the model before it was equalized, by tensor
  /// index; `nil` for tensors that are as they were.
  package var channelFactors: [[Double]?]
  /// What tables are filled from, by tensor index; `nil` for a table of the exact function.
  package var histograms: [Histogram?]
  /// Inputs of the network, NHWC, one array an image; empty where no choice needs them.
  package var images: [[Float]]
  /// Whether the input's codes cover its range, too, where that is wider than what pixels can be.
  package var widensInput: Bool

  package init(
    ranges: [ClosedRange<Double>], preActivationRanges: [ClosedRange<Double>?]? = nil,
    channelMeans: [[Double]], channelFactors: [[Double]?], histograms: [Histogram?],
    images: [[Float]], widensInput: Bool = false
  ) {
    self.ranges = ranges
    self.preActivationRanges = preActivationRanges ?? ranges.map { _ in nil }
    wideRanges = ranges.map { _ in nil }
    given = ranges.map { _ in nil }
    self.channelMeans = channelMeans
    self.channelFactors = channelFactors
    self.histograms = histograms
    self.images = images
    self.widensInput = widensInput
  }

  /// Nothing but one range for every tensor of a graph of `tensorCount` tensors: enough for plain
  /// weights.
  package init(range: ClosedRange<Double>, tensorCount: Int) {
    self.init(
      ranges: Array(repeating: range, count: tensorCount),
      channelMeans: Array(repeating: [], count: tensorCount),
      channelFactors: Array(repeating: nil, count: tensorCount),
      histograms: Array(repeating: nil, count: tensorCount), images: [])
  }
}

extension Graph {
  /// What every tensor is like on `images`, inputs of the network.
  ///
  /// - Parameter progress: Called with the number of images done, and of all.
  func statistics(_ images: [[Float]], progress: (Int, Int) -> Void) -> [TensorStatistics] {
    var statistics = tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(self)
    let arena = reference.makeArena()
    for (number, image) in images.enumerated() {
      _ = reference.run(image, in: arena) { tensor, values in
        _ = statistics[tensor].observe(values)
      }
      progress(number + 1, images.count)
    }
    return statistics
  }
}
