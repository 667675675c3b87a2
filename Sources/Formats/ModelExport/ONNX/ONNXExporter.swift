package import FoundationEssentials
internal import ONNXSchema
package import QuantizedIR
internal import SwiftProtobuf
internal import Tensors

/// Writes a quantized model as an ONNX file of float operators between QuantizeLinear and
/// DequantizeLinear ("QDQ"), all codes int8.
///
/// Images are NCHW; input and output are real numbers. Between a layer's sum and its codes stands a
/// function of the file's own, which repeats the integer arithmetic: QuantizeLinear alone rounds
/// otherwise. It also keeps runtimes from fusing convolutions into kernels of theirs, some of which
/// saturate. Only ADD and SOFTMAX are left to 32-bit floats, so a code of these may be one off.
package struct ONNXExporter {
  let model: QuantizedModel
  var writer: ONNXWriter
  /// What the file calls the tensors made so far, by index in the model.
  private var values: [Int: Names] = [:]

  /// The names of a tensor's codes and of their real values.
  private struct Names {
    let codes: String
    let real: String
  }

  /// The bytes of the file.
  ///
  /// - Parameter isInlined: Whether the file spells the function out wherever it stands, for tools
  ///   that know no functions.
  /// - Throws: `ExportError` where a layer has no ONNX operator.
  package static func file(_ model: QuantizedModel, isInlined: Bool = false) throws -> Data {
    var exporter = ONNXExporter(model: model, isInlined: isInlined)
    return try exporter.file()
  }

  private init(model: QuantizedModel, isInlined: Bool) {
    self.model = model
    writer = ONNXWriter(isInlined: isInlined)
  }

  private mutating func file() throws -> Data {
    for input in model.inputs {
      writer.reserve(model.tensors[input].name)
      values[input] = rounded(withoutOffset(model.tensors[input]), to: model.tensors[input])
      addAliases(of: input)
    }
    for layer in model.completingLayers {
      values[layer.output] = rounded(try add(layer), to: output(layer))
      addAliases(of: layer.output)
    }
    return try writer.file(
      named: model.name, producer: model.provenance.tool,
      inputs: model.inputs.map { (model.tensors[$0].name, model.tensors[$0].shape.nchw) },
      outputs: outputNames().enumerated().map { position, name in
        (name, model.tensors[model.outputs[position]].shape.nchw)
      },
      metadata: ONNXWriter.metadata(model.pixelEncoding?.preprocessing, labels: model.labels))
  }

  /// The names of the outputs' real values: where there are several, what the model calls them, as
  /// far as nothing else is called so.
  private mutating func outputNames() -> [String] {
    guard model.outputs.count > 1 else { return [value(of: model.output)] }
    return zip(model.outputs, model.outputNames).map { output, name in
      writer.node("Identity", [value(of: output)], named: name)
    }
  }

  /// The name of the input's real values less what no code of theirs stands for.
  private mutating func withoutOffset(_ input: QuantizedTensor) -> String {
    guard input.realOffset != 0 else { return input.name }
    return writer.node(
      "Sub",
      [
        input.name, writer.constant("\(input.name)/realOffset", [], [Float(input.realOffset)]),
      ])
  }

  /// The name of the real values of tensor `index` of the model.
  mutating func value(of index: Int) -> String { names(of: index).real }

  /// The name of the codes of tensor `index` of the model.
  mutating func codes(of index: Int) -> String { names(of: index).codes }

  private mutating func names(of index: Int) -> Names {
    if let known = values[index] { return known }
    let tensor = model.tensors[index]
    guard let constant = tensor.constant else {
      preconditionFailure("a layer reads a tensor that none has written")
    }
    let codes = writer.constant(
      tensor.name, tensor.shape.nchw, tensor.shape.inNCHW(constant.values))
    let names = dequantized(codes, as: tensor, steps(tensor))
    values[index] = names
    return names
  }

  /// Other shapes of a tensor's values become Reshape.
  private mutating func addAliases(of index: Int) {
    for alias in model.tensors.indices where model.tensors[alias].aliasOf == index {
      let (from, to) = (model.tensors[index], model.tensors[alias])
      values[alias] = rounded(reshaped(value(of: index), from.shape, to.shape), to: to)
    }
  }

  /// The real values `real` rounded to the codes of `tensor`.
  private mutating func rounded(_ real: String, to tensor: QuantizedTensor) -> Names {
    let steps = steps(tensor)
    let codes = writer.node("QuantizeLinear", [real] + steps, named: "\(tensor.name)/codes")
    return dequantized(codes, as: tensor, steps)
  }

  private mutating func dequantized(
    _ codes: String, as tensor: QuantizedTensor, _ steps: [String]
  ) -> Names {
    let real = writer.node("DequantizeLinear", [codes] + steps, named: "\(tensor.name)/real")
    return Names(codes: codes, real: real)
  }

  private mutating func steps(_ tensor: QuantizedTensor) -> [String] {
    [
      writer.constant("\(tensor.name)/scale", [], [Float(tensor.scale)]),
      writer.constant("\(tensor.name)/zeroPoint", [], [Int8(tensor.zeroPoint)]),
    ]
  }

  /// `real`, of NHWC shape `from`, in another shape.
  mutating func reshaped(_ real: String, _ from: Shape, _ to: Shape) -> String {
    writer.reshaped(real, from, to)
  }
}

extension ONNXExporter {
  func inputs(_ layer: Layer) -> [QuantizedTensor] { layer.inputs.map { model.tensors[$0] } }

  func output(_ layer: Layer) -> QuantizedTensor { model.tensors[layer.output] }

  func inexpressible(_ layer: Layer, _ what: String) -> ExportError {
    .inexpressible(layer: layer.name, operation: layer.operation.name, what: what)
  }

  /// Adds the float operator of a layer; returns the name of its real values, not yet rounded.
  private mutating func add(_ layer: Layer) throws(ExportError) -> String {
    switch layer.operation {
    case .conv2D(let operation): try add(operation, layer)
    case .depthwiseConv2D(let operation): try add(operation, layer)
    case .transposedConv2D(let operation): try add(operation, layer)
    case .resize(let operation): add(operation, layer)
    case .fullyConnected(let operation): try add(operation, layer)
    case .add(let operation): try add(operation, layer)
    case .multiply(let operation): try add(operation, layer)
    case .pool(let operation): add(operation, layer)
    case .mean(let operation): try add(operation, layer)
    case .lookup(let operation): add(operation, layer)
    case .prelu(let operation): try add(operation, layer)
    case .softmax(let operation): add(operation, layer)
    case .l2Normalization: addL2Normalization(layer)
    case .extremum(let operation): try add(operation, layer)
    case .squaredDifference: try addSquaredDifference(layer)
    case .copy(let operation): try add(operation, layer)
    case .wide: throw .wide(layer: layer.name)
    }
  }
}

extension Shape {
  /// Whether the order of height, width and channels makes a difference.
  var hasPlanes: Bool { rank == 4 && extent.count > 1 && channels > 1 }
}

/// ONNX's order of the axes of images: NCHW.
extension Shape {
  /// The axes in ONNX's order.
  var nchw: Shape { Shape(onnxAxes.map { dimensions[$0] }) }

  /// Which axis stands at each place in ONNX's order.
  var onnxAxes: [Int] { rank == 4 ? [0, 3, 1, 2] : Array(0..<rank) }

  /// Where `axis` stands in ONNX's order.
  func onnxAxis(_ axis: Int) -> Int { onnxAxes.firstIndex(of: axis) ?? axis }

  /// `values`, which are in this order, in ONNX's.
  func inNCHW<Element>(_ values: [Element]) -> [Element] {
    guard rank == 4 else { return values }
    let pixels = height * width
    return (0..<dimensions[0]).flatMap { image in
      (0..<channels).flatMap { channel in
        (0..<pixels).map { values[(image * pixels + $0) * channels + channel] }
      }
    }
  }
}

extension ExportedWindow {
  /// As ONNX spells it.
  var attributes: [String: ONNXAttribute] {
    [
      "kernel_shape": .integers([kernel.height, kernel.width]),
      "strides": .integers([stride.height, stride.width]),
      "pads": .integers([sides.top, sides.left, sides.bottom, sides.right]),
    ]
  }
}
