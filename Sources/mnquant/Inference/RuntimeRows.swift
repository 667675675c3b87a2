internal import QuantizedIR
internal import RuntimeEngine
internal import Tensors

/// The C runtime.
struct RuntimeRows: RowEngine {
  let runtime: RuntimeModel

  init(_ model: QuantizedModel) { runtime = RuntimeModel(model) }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { runtime.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    var arena = RuntimeArena(runtime)
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, values in
      if keepsLayers { layers.append(Array(values)) }
    }
    return (output, layers)
  }
}
