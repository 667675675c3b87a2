internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

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
      guard
        let patches = Patches(
          node.operation, input: graph.tensors[node.inputs[0]].shape,
          output: graph.tensors[node.output].shape)
      else { return nil }
      let isDepthwise = if case .depthwiseConv2D = node.operation { true } else { false }
      guard LargeWindows.contain(patches, isDepthwise: isDepthwise) else { return nil }
      return (node.name, isDepthwise ? patches.kernel.count : patches.count)
    }
    guard let first = layers.first else { return [] }
    return [.plainRounding(layer: first.name, values: first.values, others: layers.count - 1)]
  }
}
