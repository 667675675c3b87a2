package import Foundation
package import NetworkGraph
package import ONNXSchema
internal import SwiftProtobuf

/// A decoded ONNX file.
package struct ONNXFile: Sendable {
  /// The oldest operator set whose element-wise operators broadcast as today's do.
  static let oldestOpset = 7

  let model: Onnx_ModelProto
  /// Where the file lies, for weights in files of their own.
  let folder: String?

  package init(model: Onnx_ModelProto, folder: String? = nil) {
    self.model = model
    self.folder = folder
  }

  /// Decodes `bytes`.
  ///
  /// - Throws: `ImportError.damaged` or `.notAModel`.
  package init(bytes: Data, folder: String? = nil) throws(ImportError) {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    do {
      model = try Onnx_ModelProto(serializedBytes: bytes, options: options)
    } catch {
      guard Self.looksLikeONNX(bytes) else { throw .notAModel }
      let found = WireScan.firstProblem(bytes)
      throw .damaged(offset: found?.offset, problem: found?.problem ?? "a field cannot be decoded")
    }
    guard model.hasGraph else {
      guard Self.looksLikeONNX(bytes) else { throw .notAModel }
      throw .damaged(offset: nil, problem: "it holds no graph")
    }
    self.folder = folder
  }

  /// Whether the first field is `ir_version` with a number that versions have had or may get.
  private static func looksLikeONNX(_ bytes: Data) -> Bool {
    bytes.count >= 2 && bytes[bytes.startIndex] == 0x08 && bytes[bytes.startIndex + 1] < 0x40
  }

  /// The network, called `name`.
  package func graph(name: String) throws(ImportError) -> Graph {
    let versions = model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }.map(\.version)
    let opset = Int(versions.max() ?? 1)
    guard opset >= Self.oldestOpset else {
      throw .opset(found: opset, oldest: Self.oldestOpset)
    }
    var importer = try ONNXImporter(file: self, opset: opset)
    return try importer.graph(name: name)
  }
}
