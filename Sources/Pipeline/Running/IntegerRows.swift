internal import IntegerEngine
internal import QuantizedIR
internal import Tensors

/// The integer engine.
struct IntegerRows: RowEngine {
  let engine: Engine

  init(_ model: QuantizedModel) { engine = Engine(model) }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { engine.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    let values = engine.activations(input)
    let layers = keepsLayers ? engine.model.layers.map { values[$0.output] } : []
    return (values[engine.model.output], layers)
  }
}
