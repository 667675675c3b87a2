import ModelImport
import PlainNetworks
import Tensors

/// One way in which a file can tell what an operator does: by an attribute, an input, the number of
/// outputs, what is left out, and the operator set that says what that means.
struct ONNXMode: CustomStringConvertible, Sendable {
  enum Expected: Sendable {
    /// The result is that of the evaluation by the book.
    case value
    /// The start of the sentence about the node.
    case refused(String)
    /// The start of the sentence about the network: nothing is known of another output than the
    /// first.
    case unknownOutput
  }

  /// What follows the node, so that any arrangement of its output can be told from any other.
  enum Tail: Sendable { case none, matrix, convolution }

  let description: String
  let sketch: ONNXSketch
  let expected: Expected

  /// Every operator set that changed one of the operators that can be imported, and the newest.
  static let opsets = [7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 21, 22]

  /// A constant input, or one that is left out.
  enum Input: Sendable {
    case floats([Int], [Double]? = nil)
    case integers([Int])
    case none
    /// The node's own first input again.
    case x
  }

  /// The same node in each of `opsets`.
  static func rows(
    _ what: String, _ operation: String, since: Int = 7, until: Int = 22,
    sizes: [Int] = [1, 4, 5, 6],
    _ inputs: [Input] = [], _ attributes: [String: ONNXSketch.Attribute] = [:], outputs: Int = 1,
    reads output: Int = 0, tail: Tail = .none, expecting expected: Expected = .value
  ) -> [ONNXMode] {
    opsets.filter { ($0 >= since) && ($0 <= until) }.map { opset in
      var sketch = ONNXSketch(opset: opset, inputSizes: sizes)
      var random = SplitMix64(seed: UInt64(operation.utf8.count + inputs.count))
      func numbers(_ count: Int) -> [Double] {
        (0..<count).map { _ in Double(Float.random(in: 0.1...1, using: &random)) }
      }
      var names = ["x"]
      for (index, input) in inputs.enumerated() {
        let name = "c\(index)"
        names.append(name)
        switch input {
        case .floats(let sizes, let values):
          sketch.constants[name] = .init(
            PlainTensor(sizes, values ?? numbers(sizes.reduce(1, *))))
        case .integers(let values):
          sketch.constants[name] = .init(
            PlainTensor([values.count], values.map(Double.init)), isInteger: true)
        case .none: names[index + 1] = ""
        case .x: names[index + 1] = "x"
        }
      }
      let results = (0..<outputs).map { "y\($0)" }
      sketch.nodes = [.init(operation, names, results, attributes)]
      sketch.output = results[output]
      if case .value = expected { sketch.add(tail, numbers) }
      return ONNXMode(
        description: "\(operation) opset \(opset): \(what)", sketch: sketch, expected: expected)
    }
  }
}

extension ONNXSketch {
  fileprivate mutating func add(_ tail: ONNXMode.Tail, _ numbers: (Int) -> [Double]) {
    if case .none = tail { return }
    guard let y = evaluated([Double](repeating: 0, count: inputSizes.reduce(1, *)))[output] else {
      return
    }
    switch tail {
    case .none: return
    case .matrix:
      let size = y.sizes[y.rank - 1]
      constants["tail"] = .init(PlainTensor([size, 3], numbers(size * 3)))
      nodes.append(.init("MatMul", [output, "tail"], ["z"]))
    case .convolution:
      constants["tail"] = .init(PlainTensor([2, y.sizes[1], 1, 1], numbers(2 * y.sizes[1])))
      nodes.append(.init("Conv", [output, "tail"], ["z"]))
    }
    output = "z"
  }
}
