package import NetworkGraph
package import QuantizedIR
internal import Tensors

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
      guard let operation = graph.nodes[reader].operation.adding(offset) else { return nil }
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

extension Operator {
  /// The same operator for an input that is less by `offset`, its padding apart; `nil` where no
  /// bias can carry that.
  fileprivate func adding(_ offset: Double) -> Operator? {
    switch self {
    case .conv2D(var conv):
      for o in conv.bias.indices {
        let weights = conv.weights[o * conv.patchCount..<(o + 1) * conv.patchCount]
        conv.bias[o] += Float(offset * weights.reduce(0) { $0 + Double($1) })
      }
      return .conv2D(conv)
    case .depthwiseConv2D(var conv):
      for o in conv.bias.indices {
        let weights = stride(from: o, to: conv.weights.count, by: conv.outputChannels)
        conv.bias[o] += Float(offset * weights.reduce(0) { $0 + Double(conv.weights[$1]) })
      }
      return .depthwiseConv2D(conv)
    case .fullyConnected(var layer):
      for o in layer.bias.indices {
        let weights = layer.weights[o * layer.inputCount..<(o + 1) * layer.inputCount]
        layer.bias[o] += Float(offset * weights.reduce(0) { $0 + Double($1) })
      }
      return .fullyConnected(layer)
    case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }
}
