internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// The windows that weights meet in images of one shape.
struct Patches {
  let input: Shape
  private let window: SlidingWindow

  /// `window` over images of the shape `input` to make `output`.
  init(_ window: Operator.Window, _ input: Shape, _ output: Shape) {
    self.input = input
    self.window = SlidingWindow(window, input: input.extent, output: output.extent)
  }

  var kernel: Extent { window.kernel }
  var output: Extent { window.output }

  /// Values in one window.
  var count: Int { kernel.count * input.channels }

  /// Writes the pixel under each tap of the window at `position`; -1 where it lies outside the image.
  func pixels(at position: Int, into window: inout [Int]) {
    self.window.pixels(at: position, into: &window)
  }
}

/// Which values of a window an output channel's weights meet, in weight order.
enum TapLayout {
  /// All of them.
  case dense(count: Int)
  /// Those of one input channel.
  case depthwise(channels: Int, multiplier: Int, taps: Int)

  var isDepthwise: Bool {
    if case .depthwise = self { true } else { false }
  }

  /// The positions of an output channel's taps in a window, `[taps][channels]`.
  func taps(of channel: Int) -> [Int] {
    switch self {
    case .dense(let count): Array(0..<count)
    case .depthwise(let channels, let multiplier, let taps):
      (0..<taps).map { $0 * channels + channel / multiplier }
    }
  }
}

extension [Float] {
  /// Cut into rows of `count` values.
  func rows(of count: Int) -> [[Float]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
  }
}

/// Layers whose windows hold so many values that what is known of the values together, which grows
/// with their square, is not gathered: their weights go to the nearest codes, as in the plain recipe.
enum LargeWindows {
  /// Values in a window of a dense layer. That of the largest residual networks, 3 by 3 pixels of 512
  /// channels, makes matrices of 170 MB, of which 6 are in use at a time.
  static let mostValues = 4608
  /// Products of taps over all channels of a depthwise layer: half a gigabyte of them.
  static let mostProducts = 1 << 26

  /// Whether the windows of `patches` are too large.
  ///
  /// - Parameter isDepthwise: Whether each channel has a window of its own.
  static func contain(_ patches: Patches, isDepthwise: Bool) -> Bool {
    guard isDepthwise else { return patches.count > mostValues }
    let (products, overflow) = patches.kernel.count.multipliedReportingOverflow(by: patches.count)
    return overflow || products > mostProducts
  }
}

extension Passes {
  /// What users are told of the layers with large windows, where the passes would gather more.
  func largeWindowWarnings(_ graph: Graph) -> [ModelWarning] {
    guard candidates.contains(where: { $0.rounding == .compensated || $0.refits }) else {
      return []
    }
    let layers = graph.nodes.compactMap { node -> (name: String, values: Int)? in
      let operation = node.operation.quantizable
      guard
        let patches = operation.patches(
          input: graph.tensors[node.inputs[0]].shape, output: graph.tensors[node.output].shape)
      else { return nil }
      let isDepthwise = operation.tapLayout?.isDepthwise ?? false
      guard LargeWindows.contain(patches, isDepthwise: isDepthwise) else { return nil }
      return (node.name, isDepthwise ? patches.kernel.count : patches.count)
    }
    guard let first = layers.first else { return [] }
    return [.plainRounding(layer: first.name, values: first.values, others: layers.count - 1)]
  }
}
