internal import FlatBuffers
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension ExportedWindow {
  /// The options of an operator with this window, which `fields` numbers.
  func options(
    _ fields: TFLiteWindowFields, padding code: Int8, _ activation: TFLiteActivation
  ) -> [Int: FlatNode] {
    var options: [Int: FlatNode] = [
      TFLiteWindowFields.padding: .integer(code),
      TFLiteWindowFields.strideWidth: .integer(Int32(stride.width)),
      TFLiteWindowFields.strideHeight: .integer(Int32(stride.height)),
      fields.activation: .integer(Int8(activation.rawValue)),
    ]
    if let number = fields.kernel {
      options[number.width] = .integer(Int32(kernel.width))
      options[number.height] = .integer(Int32(kernel.height))
    }
    if let number = fields.dilation {
      options[number.width] = .integer(Int32(dilation.width))
      options[number.height] = .integer(Int32(dilation.height))
    }
    return options
  }
}

extension TFLiteExporter {
  /// Images of `extent` pixels, as many as `layer` computes.
  private func images(_ layer: Layer, _ extent: Extent, channels: Int) -> Shape {
    Shape(
      batch: output(layer).shape.count / layer.operation.valueCounts.output, height: extent.height,
      width: extent.width, channels: channels)
  }

  /// The file's tensor that a window of `layer` writes images to: the layer's own where it holds
  /// images, otherwise one that `deliver` reshapes to it.
  mutating func result(of layer: Layer, _ window: ExportedWindow, channels: Int) -> Int {
    result(of: layer, window.output, channels: channels)
  }

  /// The same for images of `extent` pixels.
  mutating func result(of layer: Layer, _ extent: Extent, channels: Int) -> Int {
    result(of: layer, as: images(layer, extent, channels: channels))
  }

  /// The file's tensor of `shape` that `layer` writes to, as for a window.
  mutating func result(of layer: Layer, as shape: Shape) -> Int {
    guard output(layer).shape != shape else { return index(of: layer.output) }
    var result = output(layer)
    result.name = "\(layer.name)/result"
    result.shape = shape
    return writer.add(result)
  }

  /// Brings what `layer` has written to `result` to its own tensor.
  mutating func deliver(_ result: Int, of layer: Layer) {
    guard result != index(of: layer.output) else { return }
    reshape(result, to: output(layer).shape, as: index(of: layer.output))
  }

  /// The file's tensor of the images of `extent` pixels that `layer` reads, reshaped where it holds
  /// no images.
  mutating func image(of layer: Layer, _ extent: Extent, channels: Int) -> Int {
    let shape = images(layer, extent, channels: channels)
    let input = index(of: layer.inputs[0])
    guard model.tensors[layer.inputs[0]].shape != shape else { return input }
    var image = model.tensors[layer.inputs[0]]
    image.name = "\(layer.name)/image"
    image.shape = shape
    image.constant = nil
    let reshaped = writer.add(image)
    reshape(input, to: shape, as: reshaped)
    return reshaped
  }

  /// The file's tensor that a window of `layer` slides over, reshaped where it holds no images,
  /// padded where the format has no other word for it, and the code of the padding that is left.
  mutating func input(
    of layer: Layer, _ window: ExportedWindow, channels: Int
  ) -> (tensor: Int, padding: Int8) {
    let shape = images(layer, window.input, channels: channels)
    let input = image(of: layer, window.input, channels: channels)
    switch window.spelling {
    case .same: return (input, 0)
    case .valid: return (input, 1)
    case .padded(let sides):
      var padded = model.tensors[layer.inputs[0]]
      padded.name = "\(layer.name)/padded"
      padded.shape = shape
      padded.shape.dimensions[1] += sides.top + sides.bottom
      padded.shape.dimensions[2] += sides.left + sides.right
      padded.constant = nil
      let output = writer.add(padded)
      let counts = [0, 0, sides.top, sides.bottom, sides.left, sides.right, 0, 0]
      let parameters = writer.add("\(layer.name)/padding", [4, 2], parameters: counts)
      writer.add(
        .pad, version: 2, [input, parameters], output, TFLiteOptions(.pad))
      return (output, 1)
    }
  }
}
