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
