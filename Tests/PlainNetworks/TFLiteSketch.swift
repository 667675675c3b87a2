package import FlatBuffers
internal import TFLiteSchema

/// A TensorFlow Lite network as data: small enough to print, to evaluate by the book and to write as
/// a file.
package struct TFLiteSketch: Sendable {
  package enum Numbers: Sendable {
    case int8([Int8])
    case int32([Int32])
    case float([Float])
  }

  package struct Tensor: Sendable {
    package enum Kind: Sendable { case int8, int32, float }

    package var name: String
    package var shape: [Int]
    package var kind: Kind
    /// One, or one for each place along `axis`; none for real numbers and parameters.
    package var scales: [Float]
    package var zeroPoints: [Int]
    package var axis = 0
    /// `nil` for a tensor that is computed.
    package var data: Numbers?

    package init(
      _ name: String, _ shape: [Int], _ kind: Kind = .int8, scales: [Float] = [],
      zeroPoints: [Int] = [], axis: Int = 0, data: Numbers? = nil
    ) {
      (self.name, self.shape, self.kind, self.data) = (name, shape, kind, data)
      (self.scales, self.zeroPoints, self.axis) = (scales, zeroPoints, axis)
    }
  }

  package struct Window: Hashable, Sendable {
    package var kernel: [Int]
    package var stride: [Int]
    package var dilation: [Int]
    package var isSame: Bool

    package init(_ kernel: [Int], stride: [Int], dilation: [Int] = [1, 1], isSame: Bool) {
      (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
      self.isSame = isSame
    }
  }

  package enum Operation: Hashable, Sendable {
    case conv2D(Window)
    case depthwise(Window)
    case transposeConv(Window)
    case tile
    case resize(isBilinear: Bool, corners: Bool, middles: Bool)
    case fullyConnected(keepsAxes: Bool)
    case averagePool(Window)
    case maxPool(Window)
    case add
    case multiply
    case maximum
    case minimum
    case mean(keepsAxes: Bool)
    case softmax(beta: Float)
    case logistic
    case relu
    case relu6
    case hardSwish
    case curve(Curve)
    case prelu
    case quantize
    case reshape
    case pad
    case transpose
    case concatenation(axis: Int)
    case squaredDifference
    case l2Normalization
    case reverse
  }

  package struct Node: Sendable {
    package var operation: Operation
    /// Of tensors; -1 for one that is left out.
    package var inputs: [Int]
    package var output: Int
    /// The schema's number of the fused activation.
    package var activation: Int
    /// Fields of the options that are written as they are, over those that the operation has.
    package var options: [Int: FlatNode]

    package init(
      _ operation: Operation, _ inputs: [Int], _ output: Int, activation: Int = 0,
      options: [Int: FlatNode] = [:]
    ) {
      (self.operation, self.inputs, self.output) = (operation, inputs, output)
      (self.activation, self.options) = (activation, options)
    }
  }

  package var tensors: [Tensor] = []
  package var nodes: [Node] = []
  package var input = 0
  package var output = 0

  package init() {}
}

extension TFLiteSketch: CustomStringConvertible {
  package var description: String {
    func name(_ index: Int) -> String {
      guard index >= 0 else { return "none" }
      let tensor = tensors[index]
      return "\(tensor.data == nil ? "" : "constant ")\(tensor.name)\(tensor.shape)"
    }
    let lines = nodes.map { node in
      "  \(name(node.output)) = \(node.operation)(\(node.inputs.map(name).joined(separator: ", ")))"
        + " activation \(node.activation)"
    }
    return (["\(name(input)) gives \(name(output))"] + lines).joined(separator: "\n")
  }
}

extension TFLiteSketch {
  /// The file.
  package var bytes: [UInt8] {
    var buffers: [FlatNode] = [.table([:])]
    let tensors = tensors.map { tensor in
      var fields: [Int: FlatNode] = [
        0: .integers(tensor.shape.map { Int32($0) }), 1: .integer(tensor.kind.code),
        3: .text(tensor.name),
      ]
      if let data = tensor.data {
        fields[2] = .integer(UInt32(buffers.count))
        buffers.append(.table([0: data.bytes]))
      }
      if !tensor.scales.isEmpty {
        fields[4] = .table([
          2: .floats(tensor.scales), 3: .integers(tensor.zeroPoints.map { Int64($0) }),
          6: .integer(Int32(tensor.axis)),
        ])
      }
      return FlatNode.table(fields)
    }
    let codes = Array(Set(nodes.map(\.operation.code))).sorted()
    let operators = nodes.map { node in
      let (kind, fields) = node.fields
      return FlatNode.table([
        0: .integer(UInt32(codes.firstIndex(of: node.operation.code) ?? 0)),
        1: .integers(node.inputs.map { Int32($0) }), 2: .integers([Int32(node.output)]),
        3: .integer(kind), 4: .table(fields.merging(node.options) { $1 }),
      ])
    }
    let graph = FlatNode.table([
      0: .list(tensors), 1: .integers([Int32(input)]), 2: .integers([Int32(output)]),
      3: .list(operators),
    ])
    return FlatBufferWriter.file(
      .table([
        0: .integer(UInt32(TFLiteFormat.version)),
        1: .list(
          codes.map {
            .table([0: .integer(Int8(min($0, 127))), 2: .integer(Int32(1)), 3: .integer(Int32($0))])
          }),
        2: .list([graph]), 4: .list(buffers),
      ]), identifier: TFLiteFormat.identifier)
  }
}

extension TFLiteSketch.Tensor.Kind {
  fileprivate var code: UInt8 {
    switch self {
    case .int8: UInt8(TFLiteType.int8.rawValue)
    case .int32: UInt8(TFLiteType.int32.rawValue)
    case .float: UInt8(TFLiteType.float32.rawValue)
    }
  }
}

extension TFLiteSketch.Numbers {
  fileprivate var bytes: FlatNode {
    let node: FlatNode =
      switch self {
      case .int8(let values): .integers(values, alignment: 16)
      case .int32(let values): .integers(values, alignment: 16)
      case .float(let values): .integers(values.map(\.bitPattern), alignment: 16)
      }
    guard case .numbers(let bytes, _, let alignment) = node else { return node }
    return .numbers(bytes, size: 1, alignment: alignment)
  }
}

extension TFLiteSketch.Operation {
  fileprivate var code: Int {
    let operation: BuiltinOperator =
      switch self {
      case .conv2D: .conv2D
      case .depthwise: .depthwiseConv2D
      case .transposeConv: .transposeConv
      case .tile: .tile
      case .resize(let isBilinear, _, _): isBilinear ? .resizeBilinear : .resizeNearestNeighbor
      case .fullyConnected: .fullyConnected
      case .averagePool: .averagePool2D
      case .maxPool: .maxPool2D
      case .add: .add
      case .multiply: .multiply
      case .maximum: .maximum
      case .minimum: .minimum
      case .mean: .mean
      case .softmax: .softmax
      case .logistic: .logistic
      case .relu: .relu
      case .relu6: .relu6
      case .hardSwish: .hardSwish
      case .curve(let curve): curve.code
      case .prelu: .prelu
      case .quantize: .quantize
      case .reshape: .reshape
      case .pad: .pad
      case .transpose: .transpose
      case .concatenation: .concatenation
      case .squaredDifference: .squaredDifference
      case .l2Normalization: .l2Normalization
      case .reverse: .reverse
      }
    return operation.rawValue
  }
}

extension TFLiteSketch.Node {
  /// The number of the options' table in the schema's union, and its fields.
  fileprivate var fields: (kind: UInt8, [Int: FlatNode]) {
    let fused = FlatNode.integer(Int8(activation))
    func window(
      _ window: TFLiteSketch.Window, kernel: Int?, dilation: Int?, fused place: Int
    ) -> [Int: FlatNode] {
      var fields: [Int: FlatNode] = [
        0: .integer(Int8(window.isSame ? 0 : 1)), 1: .integer(Int32(window.stride[1])),
        2: .integer(Int32(window.stride[0])), place: fused,
      ]
      if let kernel {
        fields[kernel] = .integer(Int32(window.kernel[1]))
        fields[kernel + 1] = .integer(Int32(window.kernel[0]))
      }
      if let dilation {
        fields[dilation] = .integer(Int32(window.dilation[1]))
        fields[dilation + 1] = .integer(Int32(window.dilation[0]))
      }
      return fields
    }
    switch operation {
    case .conv2D(let shape): return (1, window(shape, kernel: nil, dilation: 4, fused: 3))
    case .depthwise(let shape): return (2, window(shape, kernel: nil, dilation: 5, fused: 4))
    case .transposeConv(let shape): return (49, window(shape, kernel: nil, dilation: nil, fused: 3))
    case .resize(let isBilinear, let corners, let middles):
      return isBilinear
        ? (15, [2: .flag(corners), 3: .flag(middles)])
        : (74, [0: .flag(corners), 1: .flag(middles)])
    case .averagePool(let shape), .maxPool(let shape):
      return (5, window(shape, kernel: 3, dilation: nil, fused: 5))
    case .fullyConnected(let keepsAxes): return (8, [0: fused, 2: .flag(keepsAxes)])
    case .softmax(let beta): return (9, [0: .float(beta)])
    case .concatenation(let axis): return (10, [0: .integer(Int32(axis)), 1: fused])
    case .add: return (11, [0: fused])
    case .l2Normalization: return (12, [:])
    case .squaredDifference: return (76, [:])
    case .reverse: return (81, [:])
    case .reshape: return (17, [:])
    case .multiply: return (21, [0: fused])
    case .pad: return (22, [:])
    case .transpose: return (26, [:])
    case .mean(let keepsAxes): return (27, [0: .flag(keepsAxes)])
    case .maximum, .minimum: return (39, [:])
    case .quantize: return (89, [:])
    case .tile: return (51, [:])
    case .curve(let curve): return curve.fields
    case .logistic, .relu, .relu6, .hardSwish, .prelu: return (0, [:])
    }
  }
}
