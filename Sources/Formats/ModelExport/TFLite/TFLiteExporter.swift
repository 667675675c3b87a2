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
    case .extremum(let operation): add(operation, layer)
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
