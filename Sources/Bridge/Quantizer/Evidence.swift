package import Calibration
internal import FloatReference
package import NetworkGraph
package import QuantizedIR
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
  /// - Parameters:
  ///   - team: Shares the images; no result depends on it.
  ///   - progress: Called with the number of images done, and of all.
  func statistics(
    _ images: [[Float]], _ team: Team, progress: (Int, Int) -> Void
  ) -> [TensorStatistics] {
    let none = tensors.map { TensorStatistics(channels: $0.shape.channels) }
    var statistics = none
    let reference = FloatReference(self)
    for start in stride(from: 0, to: images.count, by: Self.block) {
      let end = min(start + Self.block, images.count)
      let parts = team.map(team.threads, with: reference.makeArena()) { part, arena in
        var seen = none
        for image in stride(from: start + part, to: end, by: team.threads) {
          _ = reference.run(images[image], in: arena) { tensor, values in
            _ = seen[tensor].observe(values)
          }
        }
        return seen
      }
      for part in parts {
        for tensor in statistics.indices { statistics[tensor].merge(part[tensor]) }
      }
      progress(end, images.count)
    }
    return statistics
  }

  /// Images that threads share at a time.
  private static let block = 64

  /// The mean of each channel of every tensor over `images`, rows and columns.
  ///
  /// - Parameter team: Shares the images; no result depends on it.
  func channelMeans(_ images: [[Float]], _ team: Team) -> [[Double]] {
    let shapes = tensors.map(\.shape)
    let reference = FloatReference(self)
    let found = team.map(images.count, with: reference.makeArena()) { image, arena in
      var sums = [[Double]](repeating: [], count: shapes.count)
      _ = reference.run(images[image], in: arena) { tensor, values in
        sums[tensor] = values.channelSums(shapes[tensor].channels)
      }
      return sums
    }
    return shapes.enumerated().map { tensor, shape in
      let count = max(images.count * shape.count / shape.channels, 1)
      return (0..<shape.channels).map { channel in
        var sum = ExactSum()
        for image in found { sum.add(image[tensor][channel]) }
        return sum.value / Double(count)
      }
    }
  }
}

extension Span<Float> {
  /// The sum of each channel, values of one pixel side by side.
  fileprivate func channelSums(_ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for start in stride(from: 0, to: values.count, by: channels) {
          for c in 0..<channels { sums[c] += Double(values[start + c]) }
        }
      }
    }
    return sums
  }
}

/// Lets every pixel value have a code of its own without a rounding error, where real 0 lies
/// between two pixel values, as with `pixel / 127.5 - 1`: codes then begin at a pixel value, and
/// the layers that read them take what is left, half a step at most, into their biases.
///
/// Inside the image the function stays what it was. Padding stands for the nearest pixel value to
/// real 0 from here on, not for real 0 itself.
package struct ExactInput {
  /// The graph for inputs that are less by `offset`.
  package let graph: Graph
  /// What real inputs have over those of `graph`.
  package let offset: Double
  private let preprocessing: Preprocessing

  /// `nil` where channels differ in their steps, so that one scale cannot serve them, where codes
  /// are exact already, and where a layer reads the input that has no bias.
  package init?(_ graph: Graph) {
    preprocessing = graph.preprocessing
    guard let mean = preprocessing.mean.first, let std = preprocessing.std.first,
      preprocessing.mean.allSatisfy({ $0 == mean }), preprocessing.std.allSatisfy({ $0 == std })
    else { return nil }
    let pixel = (Double(mean) * 255).rounded(.toNearestOrAwayFromZero)
    let shift = pixel / 255 - Double(mean)
    // Less than this is how 32-bit floats write a whole number of pixel steps.
    guard (0...255).contains(pixel), abs(shift) > 1e-3 / 255 else { return nil }
    offset = shift / Double(std)
    var shifted = graph
    shifted.preprocessing.mean = preprocessing.mean.map { _ in Float(pixel / 255) }
    for reader in graph.consumers(of: graph.input) {
      guard let operation = graph.nodes[reader].operation.quantizable.adding(offset) else {
        return nil
      }
      shifted.nodes[reader].operation = operation
    }
    self.graph = shifted
  }

  /// Inputs of the original graph as `graph` takes them.
  package func shifted(_ images: [[Float]]) -> [[Float]] {
    images.map { $0.map { Float(Double($0) - offset) } }
  }

  /// A model of `graph` as one of the original graph, whose inputs it takes.
  package func labeled(_ model: QuantizedModel) -> QuantizedModel {
    var model = model
    model.tensors[model.input].realOffset = offset
    model.pixelEncoding = PixelEncoding(preprocessing: preprocessing, input: model.inputTensor)
    return model
  }
}
