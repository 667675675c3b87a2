internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension ExportedWindow {
  /// The options that all windows share: padding, then strides.
  func options(padding code: Int8) -> [Int: FlatNode] {
    [
      0: .integer(code), 1: .integer(Int32(stride.width)), 2: .integer(Int32(stride.height)),
    ]
  }
}

extension TFLiteExporter {
  /// The file's tensor that a window of `layer` slides over, padded where the format has no other
  /// word for it, and the code of the padding that is left.
  mutating func input(
    of layer: Layer, _ window: ExportedWindow
  ) -> (tensor: Int, padding: Int8) {
    let input = index(of: layer.inputs[0])
    switch window.spelling {
    case .same: return (input, 0)
    case .valid: return (input, 1)
    case .padded(let sides):
      var padded = model.tensors[layer.inputs[0]]
      padded.name = "\(layer.name)/padded"
      padded.shape.dimensions[1] += sides.top + sides.bottom
      padded.shape.dimensions[2] += sides.left + sides.right
      padded.constant = nil
      let output = writer.add(padded)
      let counts = [0, 0, sides.top, sides.bottom, sides.left, sides.right, 0, 0]
      let parameters = writer.add("\(layer.name)/padding", [4, 2], parameters: counts)
      writer.add(
        .pad, version: 2, [input, parameters], output, TFLiteOptions(kind: 22, fields: [:]))
      return (output, 1)
    }
  }
}
