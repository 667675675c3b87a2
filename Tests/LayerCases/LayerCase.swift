internal import FixedPoint
package import QuantizedIR
internal import Tensors

/// A model of one layer at an awkward size, with random constants: one row for every test that
/// compares two engines.
package struct LayerCase: CustomStringConvertible, Sendable {
  package let name: String
  package let model: QuantizedModel

  package var description: String { name }

  package init(name: String, model: QuantizedModel) {
    self.name = name
    self.model = model.agreeing
  }

  /// Input codes that reach both ends of the range, the same for the same seed.
  package func input(seed: UInt64) -> [Int8] {
    var random = SplitMix64(seed: seed)
    return (0..<model.inputTensor.shape.count).map { index in
      index % 17 == 0
        ? (random.next() & 1 == 0 ? .min : .max) : Int8.random(in: .min ... .max, using: &random)
    }
  }

  /// Every row: each operator at sizes that break kernels.
  package static let all: [LayerCase] =
    conv2D + depthwiseConv2D + fullyConnected + add + multiply + averagePool + mean + lookup
    + prelu + maxPool + softmax + l2Normalization + squaredDifference + extremum + copy
    + manyMovedAxes + concatenation + variations + curves + wide + reshapes + manyAxes
    + transposedConv2D + resize
}

extension LayerCase {
  /// A model of `operation` that reads its input once, or with `second` also a constant operand.
  init(
    _ name: String, _ operation: Operation, input: Shape, output: Shape,
    second: QuantizedTensor? = nil
  ) {
    var tensors = [
      QuantizedTensor(name: "input", shape: input, scale: 0.05, zeroPoint: 3),
      QuantizedTensor(name: "output", shape: output, scale: 0.1, zeroPoint: -5),
    ]
    if let second { tensors.append(second) }
    self.init(
      name, tensors: tensors,
      layers: [
        Layer(
          name: name, operation: operation, inputs: second == nil ? [0] : [0, 2], output: 1)
      ], output: 1)
  }

  /// A model whose input is its first tensor.
  init(_ name: String, tensors: [QuantizedTensor], layers: [Layer], output: Int) {
    self.init(
      name: name,
      model: QuantizedModel(
        name: name, tensors: tensors, layers: layers, input: 0, output: output, pixelEncoding: nil,
        labels: [],
        provenance: Provenance(
          tool: "test", source: name, sourceSHA256: "", recipe: "random", rounding: .double,
          calibration: nil)))
  }
}
