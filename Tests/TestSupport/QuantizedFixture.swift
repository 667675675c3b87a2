package import Foundation
internal import ModelImport
package import NetworkGraph

/// Quantized ONNX files with ONNX Runtime's outputs for them; `Fixtures/Quantized/make_quantized.py`
/// made both.
package struct QuantizedFixture: Decodable, Sendable {
  /// Images, NHWC.
  private let inputs: [[Float]]
  /// By file, one array an image, NHWC where they are images.
  package let outputs: [String: [[Float]]]

  /// The images that the network of file `name` takes: in steps of 1/32 where it takes codes, around
  /// 0 or 128.
  package func inputs(of name: String) -> [[Float]] {
    guard name.hasPrefix("codes") else { return inputs }
    let middle: Float = name.contains("u8") ? 128 : 0
    return inputs.map { image in
      image.map { min(max(($0 * 32).rounded(.toNearestOrEven), -128), 127) + middle }
    }
  }

  package static let folder = Locations.tests.appending(
    path: "ModelImportTests/Fixtures/Quantized")

  package static let all = Result {
    try JSONDecoder().decode(
      QuantizedFixture.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
  }

  package static let names = [
    "by-channel", "by-hand", "clipped", "codes-s8", "codes-s8-pooled",
    "codes-u8-pooled", "four-bits", "gated-s8s8-integers", "gated-u8s8-pairs", "joined",
    "matrix-u8s8-integers", "matrix-u8s8-pairs", "pooled-s8s8-pairs", "pooled-u8u8-integers",
    "residual-s8s8-pairs",
    "residual-u8s8-integers", "residual-u8u8-integers", "residual-u8u8-pairs",
    "shuffled-s8s8-integers", "shuffled-u8s8-pairs", "shuffled-u8u8-integers",
  ]

  /// The network of file `name`, as the file spells it.
  package static func graph(_ name: String) throws -> Graph {
    let bytes = try Data(contentsOf: folder.appending(path: "\(name).onnx"))
    guard case .float(let graph) = try ModelImporter.load(bytes: bytes, name: name) else {
      throw ImportError.notAModel
    }
    return graph
  }
}
