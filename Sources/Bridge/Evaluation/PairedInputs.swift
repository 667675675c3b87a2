internal import Datasets
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Records as a float network and the int8 model made of it take them.
struct PairedInputs: Sendable {
  private let preprocessor: Preprocessor
  private let model: QuantizedModel

  init(_ graph: Graph, _ model: QuantizedModel) {
    preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    self.model = model
  }

  /// Real values for the one, codes for the other.
  ///
  /// - Throws: `ComparisonError.dataset` for a picture of another size.
  func callAsFunction(_ sample: Sample) throws(ComparisonError) -> (real: [Float], codes: [Int8]) {
    let real: [Float]
    do throws(DatasetError) { real = try preprocessor(sample) } catch { throw .dataset(error) }
    switch sample {
    case .values: return (real, model.inputCodes(real) { $0.codes($1) })
    case .image(let image):
      let tensor = model.inputTensor
      return (
        real, model.pixelEncoding?.encode(image.pixels) ?? real.map { tensor.code(Double($0)) }
      )
    }
  }
}
