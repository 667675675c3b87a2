import Foundation
import Tensors

/// An ONNX file of five nodes for inputs of any size and number of channels: convolution, ReLU,
/// global average, flattening, classifier. Its weights are random, its bytes always the same.
struct TinyNetwork {
  let height: Int
  let width: Int
  let channels: Int
  var classes = 4
  /// Whether the file leaves the batch, the height and the width open.
  var isOpen = false
  /// `metadata_props`.
  var metadata: [(String, String)] = []

  private static let features = 8

  /// The shape of one input.
  var row: [Int] { [height, width, channels] }

  /// The file's bytes.
  var file: Data {
    var random = SplitMix64(seed: UInt64(height * 10_000 + width * 100 + channels))
    func tensor(_ name: String, _ sizes: [Int]) -> Data {
      let count = sizes.reduce(1, *)
      let values = (0..<count).map { _ in
        Float.random(in: -1...1, using: &random) / Float(count / sizes[0]).squareRoot()
      }
      let raw = values.withUnsafeBytes { Data($0) }
      return sizes.map { Self.number(1, $0) }.reduce(Data(), +) + Self.number(2, 1)
        + Self.text(8, name) + Self.bytes(9, raw)
    }
    let nodes = [
      Self.node(
        "Conv", ["x", "w", "b"], "a", [("kernel_shape", [3, 3]), ("pads", [1, 1, 1, 1])]),
      Self.node("Relu", ["a"], "r"), Self.node("GlobalAveragePool", ["r"], "p"),
      Self.node("Flatten", ["p"], "f"), Self.node("Gemm", ["f", "v", "c"], "y", transposed: true),
    ]
    let weights = [
      tensor("w", [Self.features, channels, 3, 3]), tensor("b", [Self.features]),
      tensor("v", [classes, Self.features]), tensor("c", [classes]),
    ]
    let graph =
      nodes.map { Self.bytes(1, $0) }.reduce(Data(), +) + Self.text(2, "tiny")
      + weights.map { Self.bytes(5, $0) }.reduce(Data(), +)
      + Self.bytes(
        11, Self.value("x", isOpen ? [0, channels, 0, 0] : [1, channels, height, width]))
      + Self.bytes(12, Self.value("y", [1, classes]))
    let properties = metadata.map { key, value in
      Self.bytes(14, Self.text(1, key) + Self.text(2, value))
    }
    return Self.number(1, 8) + Self.bytes(7, graph) + Self.bytes(8, Self.number(2, 17))
      + properties.reduce(Data(), +)
  }

  private static func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [(String, [Int])] = [], transposed: Bool = false
  ) -> Data {
    let lists = attributes.map { name, values in
      text(1, name) + values.map { number(8, $0) }.reduce(Data(), +) + number(20, 7)
    }
    let flags = transposed ? [text(1, "transB") + number(3, 1) + number(20, 2)] : []
    return inputs.map { text(1, $0) }.reduce(Data(), +) + text(2, output) + text(3, output)
      + text(4, operation) + (lists + flags).map { bytes(5, $0) }.reduce(Data(), +)
  }

  /// A size of 0 is an open one.
  private static func value(_ name: String, _ sizes: [Int]) -> Data {
    let shape = sizes.enumerated().map { axis, size in
      bytes(1, size == 0 ? text(2, "size\(axis)") : number(1, size))
    }.reduce(Data(), +)
    return text(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)))
  }

  // Protocol buffers: a field is its number and kind, then a number, or a length and bytes.

  private static func number(_ field: Int, _ value: Int) -> Data {
    varint(field << 3) + varint(value)
  }

  private static func text(_ field: Int, _ value: String) -> Data {
    bytes(field, Data(value.utf8))
  }

  private static func bytes(_ field: Int, _ value: Data) -> Data {
    varint(field << 3 | 2) + varint(value.count) + value
  }

  private static func varint(_ value: Int) -> Data {
    var (rest, result) = (value, Data())
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }
}
