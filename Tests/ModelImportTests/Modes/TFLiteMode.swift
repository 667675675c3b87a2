import FlatBuffers
import PlainNetworks

/// One way in which a TensorFlow Lite file can tell what an operator does: a field of its options or
/// its default, an input that is left out, a parameter's value.
struct TFLiteMode: CustomStringConvertible, Sendable {
  enum Expected: Sendable {
    /// The result is that of the evaluation by the book.
    case value
    /// The start of the sentence about the operator.
    case refused(String)
  }

  let description: String
  let sketch: TFLiteSketch
  let expected: Expected

  /// What stands beside the input.
  enum Operand: Sendable {
    case weights([Int])
    case bias(Int)
    case integers([Int], [Int])
    /// A constant on the input's scale.
    case constant([Int])
    case none
  }

  /// One operator over an input of `sizes`, int8 or float.
  static func row(
    _ what: String, _ operation: TFLiteSketch.Operation, isFloat: Bool,
    sizes: [Int] = [1, 5, 6, 4],
    _ operands: [Operand] = [], output: [Int], activation: Int = 0,
    options: [Int: FlatNode] = [:], expecting expected: Expected = .value
  ) -> TFLiteMode {
    var sketch = TFLiteSketch()
    sketch.addOperand("x", sizes, isFloat, scale: 0.05, zeroPoint: -3)
    var inputs = [0]
    for (index, operand) in operands.enumerated() {
      inputs.append(sketch.add(operand, "c\(index)", isFloat))
    }
    // The image comes behind the output's sizes and the weights.
    if case .transposeConv = operation { inputs.swapAt(0, 1); inputs.swapAt(1, 2) }
    let isUnit =
      switch operation {
      case .softmax, .logistic: true
      default: false
      }
    let keepsScale = operation.keepsScale
    sketch.addOperand(
      "y", output, isFloat, scale: isUnit ? 1.0 / 256 : keepsScale ? 0.05 : 0.09,
      zeroPoint: isUnit ? -128 : keepsScale ? -3 : -11)
    sketch.output = sketch.tensors.count - 1
    sketch.nodes = [
      .init(operation, inputs, sketch.output, activation: activation, options: options)
    ]
    return TFLiteMode(
      description: "\(isFloat ? "float" : "int8") \(operation): \(what)", sketch: sketch,
      expected: expected)
  }
}

extension TFLiteSketch.Operation {
  /// Whether the runtimes want input and output on one scale.
  fileprivate var keepsScale: Bool {
    switch self {
    case .averagePool, .maxPool, .maximum, .minimum, .reshape, .pad, .transpose, .concatenation,
      .resize, .tile, .reverse:
      true
    case .conv2D, .depthwise, .fullyConnected, .add, .multiply, .mean, .softmax, .logistic, .relu,
      .relu6, .hardSwish, .curve, .prelu, .quantize, .transposeConv, .squaredDifference,
      .l2Normalization:
      false
    }
  }
}

extension TFLiteSketch {
  fileprivate mutating func addOperand(
    _ name: String, _ sizes: [Int], _ isFloat: Bool, scale: Float, zeroPoint: Int
  ) {
    tensors.append(
      isFloat
        ? .init(name, sizes, .float)
        : .init(name, sizes, scales: [scale], zeroPoints: [zeroPoint]))
  }

  fileprivate mutating func add(
    _ operand: TFLiteMode.Operand, _ name: String, _ isFloat: Bool
  ) -> Int {
    func codes(_ sizes: [Int]) -> [Int8] {
      (0..<sizes.reduce(1, *)).map { Int8(truncatingIfNeeded: $0 * 37 % 251 - 120) }
    }
    func numbers(_ sizes: [Int], scale: Float, zeroPoint: Int) -> Tensor {
      isFloat
        ? Tensor(name, sizes, .float, data: .float(codes(sizes).map { Float($0) * scale }))
        : Tensor(
          name, sizes, scales: [scale], zeroPoints: [zeroPoint], data: .int8(codes(sizes)))
    }
    switch operand {
    case .none: return -1
    case .weights(let sizes): tensors.append(numbers(sizes, scale: 0.01, zeroPoint: 0))
    case .constant(let sizes): tensors.append(numbers(sizes, scale: 0.05, zeroPoint: -3))
    case .bias(let count):
      tensors.append(
        isFloat
          ? Tensor(name, [count], .float, data: .float((0..<count).map { Float($0) / 4 - 0.5 }))
          : Tensor(
            name, [count], .int32, scales: [0.0005], zeroPoints: [0],
            data: .int32((0..<count).map { Int32($0 * 300 - 400) })))
    case .integers(let sizes, let values):
      tensors.append(Tensor(name, sizes, .int32, data: .int32(values.map { Int32($0) })))
    }
    return tensors.count - 1
  }
}
