internal import HostEngine
internal import QuantizedIR
internal import Tensors

/// The packed kernels of this machine.
struct HostRows: RowEngine {
  let host: HostModel

  init(_ model: QuantizedModel) { host = HostModel(model) }

  var layers: [(name: String, shape: Shape, width: CodeWidth?)] { host.model.layerShapes }

  func run(_ input: [Int8], keepsLayers: Bool) -> (output: [Int8], layers: [[Int8]]) {
    var arena = HostArena(host)
    var layers: [[Int8]] = []
    let output = arena.run(input) { _, values in
      if keepsLayers { layers.append(Array(values)) }
    }
    return (output, layers)
  }
}
