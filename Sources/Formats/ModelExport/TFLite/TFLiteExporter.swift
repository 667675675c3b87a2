internal import FlatBuffers
package import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// Writes a quantized model as a TensorFlow Lite file from which a runtime's reference kernels
/// compute the same bytes.
package struct TFLiteExporter {
  let model: QuantizedModel
  let runtime: ExactRuntime
  var writer = TFLiteWriter()
  /// The file's tensor that holds a tensor of the model.
  private var indices: [Int: Int] = [:]

  /// The bytes of a file for `runtime`.
  ///
  /// - Throws: `ExportError` where the runtime would compute something else.
  package static func file(
    _ model: QuantizedModel, for runtime: ExactRuntime
  ) throws(ExportError) -> [UInt8] {
    var exporter = TFLiteExporter(model: model, runtime: runtime)
    return try exporter.file()
  }

  private init(model: QuantizedModel, runtime: ExactRuntime) {
    self.model = model
    self.runtime = runtime
  }

  private mutating func file() throws(ExportError) -> [UInt8] {
    let inputs = model.inputs.map { index(of: $0) }
    model.inputs.forEach { addAliases(of: $0) }
    for layer in model.completingLayers {
      try add(layer)
      addAliases(of: layer.output)
    }
    return writer.file(
      inputs: inputs, outputs: model.outputs.map { index(of: $0) }, name: model.name,
      description: model.provenance.tool)
  }

  /// The file's tensor for tensor `index` of the model, added when it is first asked for.
  mutating func index(of tensor: Int) -> Int {
    if let known = indices[tensor] { return known }
    let added = writer.add(model.tensors[tensor])
    indices[tensor] = added
    return added
  }

  /// Other shapes of a tensor's bytes become RESHAPE.
  private mutating func addAliases(of tensor: Int) {
    for alias in model.tensors.indices where model.tensors[alias].aliasOf == tensor {
      reshape(index(of: tensor), to: model.tensors[alias].shape, as: index(of: alias))
    }
  }

  /// Adds RESHAPE of one of the file's tensors to another.
  mutating func reshape(_ tensor: Int, to shape: Shape, as output: Int) {
    let parameters = writer.add("shape", [shape.rank], parameters: shape.dimensions)
    writer.add(
      .reshape, version: 1, [tensor, parameters], output,
      TFLiteOptions(
        .reshape, [TFLiteField.ReshapeOptions.newShape: .integers(shape.dimensions.map(Int32.init))]
      ))
  }

  private mutating func add(_ layer: Layer) throws(ExportError) {
    switch layer.operation {
    case .conv2D(let operation): try add(operation, layer)
    case .depthwiseConv2D(let operation): try add(operation, layer)
    case .transposedConv2D(let operation): try add(operation, layer)
    case .resize(let operation): try add(operation, layer)
    case .fullyConnected(let operation): try add(operation, layer)
    case .add(let operation): try add(operation, layer)
    case .multiply(let operation): try add(operation, layer)
    case .pool(let operation): try add(operation, layer)
    case .mean(let operation): try add(operation, layer)
    case .lookup(let operation): try add(operation, layer)
    case .prelu(let operation): try add(operation, layer)
    case .softmax(let operation): try add(operation, layer)
    case .l2Normalization: addL2Normalization(layer)
    case .extremum(let operation): add(operation, layer)
    case .squaredDifference: addSquaredDifference(layer)
    case .copy(let operation): try add(operation, layer)
    case .wide: throw .wide(layer: layer.name)
    }
  }
}

extension TFLiteExporter {
  /// The tensors that a layer reads and writes.
  func inputs(_ layer: Layer) -> [QuantizedTensor] { layer.inputs.map { model.tensors[$0] } }

  func output(_ layer: Layer) -> QuantizedTensor { model.tensors[layer.output] }

  /// The fused activation that leaves the codes in `clamp`.
  func activation(
    _ clamp: ClosedRange<Int32>, _ layer: Layer
  ) throws(ExportError) -> TFLiteActivation {
    let output = output(layer)
    guard
      let activation = TFLiteActivation.allCases.first(where: {
        output.codes(of: $0.range) == clamp
      })
    else { throw inexact(layer, "the clamp to codes \(clamp.lowerBound)...\(clamp.upperBound)") }
    return activation
  }

  func inexact(_ layer: Layer, _ what: String) -> ExportError {
    .arithmetic(
      layer: layer.name, operation: layer.operation.name, what: what, runtime: runtime.rawValue)
  }

  func inexpressible(_ layer: Layer, _ what: String) -> ExportError {
    .inexpressible(layer: layer.name, operation: layer.operation.name, what: what)
  }
}

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
