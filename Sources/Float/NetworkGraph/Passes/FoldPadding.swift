internal import Tensors

extension Graph {
  /// Gives zeros that a node of its own puts around an image to the convolution that reads them.
  mutating func foldPadding() {
    for position in nodes.indices {
      guard let source = source(of: nodes[position].inputs[0]),
        case .pad(let padding) = source.operation
      else { continue }
      switch nodes[position].operation {
      case .conv2D(var conv):
        conv.padding = conv.padding + padding
        nodes[position].operation = .conv2D(conv)
      case .depthwiseConv2D(var conv):
        conv.padding = conv.padding + padding
        nodes[position].operation = .depthwiseConv2D(conv)
      case .pad(let outer): nodes[position].operation = .pad(outer + padding)
      // The divisor of an average, and zeros in a maximum, are not those of padding.
      case .averagePool, .maxPool, .fullyConnected, .batchNormalization, .activation, .add,
        .multiply, .globalAveragePool, .reshape, .softmax:
        continue
      }
      nodes[position].inputs = source.inputs
    }
    prune()
  }
}

extension Padding {
  fileprivate static func + (a: Padding, b: Padding) -> Padding {
    Padding(
      top: a.top + b.top, left: a.left + b.left, bottom: a.bottom + b.bottom,
      right: a.right + b.right)
  }
}
