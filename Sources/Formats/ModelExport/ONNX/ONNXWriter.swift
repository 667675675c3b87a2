internal import FoundationEssentials
internal import ONNXSchema
internal import SwiftProtobuf
internal import Tensors

/// An ONNX file under construction; values are referred to by name.
struct ONNXWriter {
  /// The operator set with int8 QDQ per channel and HardSwish that most runtimes know.
  private static let opset = Onnx_OperatorSetIdProto.with { $0.version = 17 }
  /// The oldest version of the format with functions in the file.
  private static let version: Int64 = 8

  private var graph = Onnx_GraphProto()
  private var names = UniqueNames()
  private var hasRequantizations = false
  /// Whether requantizations are spelled out node by node, for tools that know no functions.
  private let isInlined: Bool

  init(isInlined: Bool = false) { self.isInlined = isInlined }

  /// Keeps other values from being called `name`.
  mutating func reserve(_ name: String) { _ = names.unique(name) }

  /// Adds a node and returns the name of its output.
  mutating func node(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:],
    named name: String? = nil, domain: String = ""
  ) -> String {
    let output = names.unique(name ?? operation)
    graph.node.append(
      .with {
        $0.opType = operation
        $0.name = output
        $0.input = inputs
        $0.output = [output]
        $0.attribute = attributes.sorted { $0.key < $1.key }.map { $0.value.proto($0.key) }
        if !domain.isEmpty { $0.domain = domain }
      })
    return output
  }

  /// Adds a call of the function that the file defines for requantization, or its nodes.
  mutating func requantization(_ inputs: [String]) -> String {
    if isInlined {
      var values = Dictionary(uniqueKeysWithValues: zip(ONNXRequantization.inputs, inputs))
      for step in ONNXRequantization.steps {
        values[step.output] = node(
          step.operation, step.inputs.compactMap { values[$0] }, step.attributes)
      }
      return values[ONNXRequantization.output] ?? ""
    }
    hasRequantizations = true
    return node(ONNXRequantization.name, inputs, domain: ONNXRequantization.domain)
  }

  /// The whole file.
  ///
  /// - Parameter producer: The program that made the network; empty where that is not known.
  mutating func file(
    named name: String, producer: String = "", inputs: [(name: String, shape: Shape)],
    outputs: [(name: String, shape: Shape)], metadata: [Onnx_StringStringEntryProto]
  ) throws -> Data {
    graph.name = name
    graph.input = inputs.map { Self.value($0.name, $0.shape) }
    graph.output = outputs.map { Self.value($0.name, $0.shape) }
    var file = Onnx_ModelProto.with {
      $0.irVersion = Self.version
      $0.producerName = producer
      $0.graph = graph
      $0.opsetImport = [Self.opset]
      $0.metadataProps = metadata
    }
    if hasRequantizations {
      file.opsetImport.append(
        .with {
          $0.domain = ONNXRequantization.domain
          $0.version = 1
        })
      file.functions = [ONNXRequantization.function(opset: Self.opset)]
    }
    return try file.serializedData()
  }

  private static func value(_ name: String, _ shape: Shape) -> Onnx_ValueInfoProto {
    .with {
      $0.name = name
      $0.type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
      $0.type.tensorType.shape.dim = shape.dimensions.map { size in
        .with { $0.dimValue = Int64(size) }
      }
    }
  }
}

extension ONNXWriter {
  /// `real`, of NHWC shape `from`, in another shape.
  mutating func reshaped(_ real: String, _ from: Shape, _ to: Shape) -> String {
    guard from != to else { return real }
    var value = real
    if from.hasPlanes {
      value = node("Transpose", [value], ["perm": .integers([0, 2, 3, 1])])
    }
    let shape = to.hasPlanes ? to : to.nchw
    value = node(
      "Reshape",
      [value, constant("shape", [shape.rank], shape.dimensions.map(Int64.init))])
    return to.hasPlanes
      ? node("Transpose", [value], ["perm": .integers([0, 3, 1, 2])]) : value
  }
}

/// Constants, little-endian as the format wants them.
extension ONNXWriter {
  mutating func constant(_ name: String, _ shape: Shape, _ values: [Int8]) -> String {
    constant(name, shape, .int8, values)
  }

  mutating func constant(_ name: String, _ shape: Shape, _ values: [Int32]) -> String {
    constant(name, shape, .int32, values)
  }

  mutating func constant(_ name: String, _ shape: Shape, _ values: [Int64]) -> String {
    constant(name, shape, .int64, values)
  }

  mutating func constant(_ name: String, _ shape: Shape, _ values: [Float]) -> String {
    constant(name, shape, .float, values.map(\.bitPattern))
  }

  mutating func constant(_ name: String, _ shape: Shape, _ values: [Double]) -> String {
    constant(name, shape, .double, values.map(\.bitPattern))
  }

  private mutating func constant(
    _ name: String, _ shape: Shape, _ type: Onnx_TensorProto.DataType,
    _ values: [some FixedWidthInteger]
  ) -> String {
    let name = names.unique(name)
    graph.initializer.append(
      .with {
        $0.name = name
        $0.dims = shape.dimensions.map(Int64.init)
        $0.dataType = Int32(type.rawValue)
        $0.rawData = values.reduce(into: Data()) { bytes, value in
          withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
      })
    return name
  }
}

/// An attribute of an ONNX node.
enum ONNXAttribute {
  case integer(Int)
  case integers([Int])
  case real(Float)
  case text(String)
  case type(Onnx_TensorProto.DataType)

  /// As the file spells it.
  func proto(_ name: String) -> Onnx_AttributeProto {
    var proto = Onnx_AttributeProto()
    proto.name = name
    switch self {
    case .integer(let value):
      proto.type = .int
      proto.i = Int64(value)
    case .integers(let values):
      proto.type = .ints
      proto.ints = values.map(Int64.init)
    case .real(let value):
      proto.type = .float
      proto.f = value
    case .text(let value):
      proto.type = .string
      proto.s = Data(value.utf8)
    case .type(let value):
      proto.type = .int
      proto.i = Int64(value.rawValue)
    }
    return proto
  }
}

extension ONNXWriter {
  /// What is done to pixels, and the names of the classes, as the importer reads them.
  static func metadata(
    _ preprocessing: Preprocessing?, labels: [String]
  ) -> [Onnx_StringStringEntryProto] {
    var entries: [(String, String)] = []
    if let preprocessing {
      entries.append(("preprocessing.mean", preprocessing.mean.commaSeparated))
      entries.append(("preprocessing.std", preprocessing.std.commaSeparated))
      if let resize = preprocessing.resize {
        entries.append(("preprocessing.resize", resize.sides))
      }
      if let crop = preprocessing.crop { entries.append(("preprocessing.crop", crop.sides)) }
      if preprocessing.squash { entries.append(("preprocessing.squash", "true")) }
    }
    if !labels.isEmpty { entries.append(("labels", labels.joined(separator: "\n"))) }
    return entries.map { key, value in
      .with {
        $0.key = key
        $0.value = value
      }
    }
  }
}

extension [Float] {
  fileprivate var commaSeparated: String { map { "\($0)" }.joined(separator: ",") }
}

extension Extent {
  /// `96`, or `96,128` where the sides differ.
  fileprivate var sides: String { height == width ? "\(height)" : "\(height),\(width)" }
}

extension ONNXWriter {
  /// Adds `function` of `input`, as operator set 17 spells it, and returns the last node's output.
  mutating func add(
    _ function: Activation, of input: String, named name: String? = nil
  ) -> String {
    switch function {
    case .relu: return node("Relu", [input], named: name)
    case .clip(let range):
      let bounds = [range.lowerBound, range.upperBound].map { bound in
        bound.isFinite ? number(bound) : ""
      }
      return node("Clip", [input] + bounds, named: name)
    case .leakyRelu(let alpha):
      return node("LeakyRelu", [input], ["alpha": .real(alpha)], named: name)
    case .thresholdedRelu(let alpha):
      return node("ThresholdedRelu", [input], ["alpha": .real(alpha)], named: name)
    case .elu(let alpha): return node("Elu", [input], ["alpha": .real(alpha)], named: name)
    case .selu(let alpha, let gamma):
      return node(
        "Selu", [input], ["alpha": .real(alpha), "gamma": .real(gamma)], named: name)
    case .celu(let alpha): return node("Celu", [input], ["alpha": .real(alpha)], named: name)
    case .swish, .mish, .gelu, .geluTanh:
      return node("Mul", [input, gate(function, of: input)], named: name)
    case .hardSwish: return node("HardSwish", [input], named: name)
    case .hardSigmoid:
      return node(
        "HardSigmoid", [input], ["alpha": .real(1 / 6), "beta": .real(0.5)], named: name)
    case .logistic: return node("Sigmoid", [input], named: name)
    case .tanh: return node("Tanh", [input], named: name)
    case .erf: return node("Erf", [input], named: name)
    case .softplus: return node("Softplus", [input], named: name)
    case .softsign: return node("Softsign", [input], named: name)
    case .abs: return node("Abs", [input], named: name)
    case .exp: return node("Exp", [input], named: name)
    case .sqrt: return node("Sqrt", [input], named: name)
    case .log: return node("Log", [input], named: name)
    case .power(-1): return node("Reciprocal", [input], named: name)
    case .power(let exponent): return node("Pow", [input, number(exponent)], named: name)
    case .floor: return node("Floor", [input], named: name)
    case .ceil: return node("Ceil", [input], named: name)
    case .round: return node("Round", [input], named: name)
    case .sign: return node("Sign", [input], named: name)
    case .identity: return node("Identity", [input], named: name)
    }
  }

  /// What `input` is multiplied by.
  private mutating func gate(_ function: Activation, of input: String) -> String {
    switch function {
    case .swish(let beta):
      let scaled = beta == 1 ? input : node("Mul", [input, number(beta)])
      return node("Sigmoid", [scaled])
    case .mish: return node("Tanh", [node("Softplus", [input])])
    case .gelu:
      return half(node("Erf", [node("Mul", [input, number((0.5 as Float).squareRoot())])]))
    default:
      let cube = node("Mul", [node("Mul", [input, input]), input])
      let sum = node("Add", [input, node("Mul", [cube, number(0.044715)])])
      let scaled = node("Mul", [sum, number(Float((2 / Double.pi).squareRoot()))])
      return half(node("Tanh", [scaled]))
    }
  }

  /// `(1 + value) / 2`.
  private mutating func half(_ value: String) -> String {
    node("Mul", [node("Add", [value, number(1)]), number(0.5)])
  }

  private mutating func number(_ value: Float) -> String { constant("number", [], [value]) }
}

extension ONNXWriter {
  /// The values of `row`, `count` of them, that stand at `places`, as a tensor of `shape`, which is NHWC: by
  /// a transposition of axes that the row is cut into or, where that is not all, each by its place.
  mutating func moved(
    _ row: String, of count: Int, _ places: [Int], to shape: Shape, named name: String
  ) -> String {
    let values: String
    if let order = StridedOrder(walking: places), let (sizes, axes) = order.turnedAxes(of: count) {
      let cut = node(
        "Reshape", [row, constant("\(name)/sizes", [sizes.count], sizes.map(Int64.init))])
      let turned = node("Transpose", [cut], ["perm": .integers(axes)])
      values = node("Reshape", [turned, constant("\(name)/count", [1], [Int64(count)])])
    } else {
      let indices = constant("\(name)/places", [places.count], places.map(Int64.init))
      values = node("Gather", [row, indices], ["axis": .integer(0)])
    }
    return reshaped(values, [places.count], shape)
  }
}
