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

  /// The network, called `name`, with sizes that the file leaves open as `inputShapes` says.
  package func graph(
    name: String, inputShapes: InputShapes = .none
  ) throws(ImportError) -> Graph {
    let versions = model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }.map(\.version)
    let opset = Int(versions.max() ?? 1)
    guard opset >= Self.oldestOpset else {
      throw .opset(found: opset, oldest: Self.oldestOpset)
    }
    let (network, steps) = try inputShapes.applied(to: model).withoutTail
    var importer = try ONNXImporter(
      file: ONNXFile(model: network, folder: folder), opset: opset)
    var graph = try importer.graph(name: name)
    graph.callerSteps = steps
    return graph
  }
}

/// Finds where bytes stop being an ONNX file, for messages: the decoder itself only says that they
/// are none.
struct WireScan {
  /// The messages of `onnx.proto` that hold others, with the number of each field that does.
  private indirect enum Message {
    case leaf
    case fields([UInt64: Message])

    static let attribute = fields([5: leaf])
    static let node = fields([5: attribute])
    static let valueInfo = fields([2: fields([1: fields([2: fields([1: leaf])])])])
    static let graph = fields([1: node, 5: leaf, 11: valueInfo, 12: valueInfo])
    static let model = fields([7: graph, 8: leaf, 14: leaf])

    func child(_ field: UInt64) -> Message? {
      if case .fields(let children) = self { children[field] } else { nil }
    }
  }

  /// The first byte of the first field that cannot be read, and why; `nil` where all can.
  static func firstProblem(_ bytes: Data) -> (offset: Int, problem: String)? {
    var scan = WireScan(bytes: [UInt8](bytes))
    return scan.problem(in: .model, end: bytes.count)
  }

  private let bytes: [UInt8]
  private var position = 0

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func problem(in message: Message, end: Int) -> (offset: Int, problem: String)? {
    while position < end {
      let start = position
      guard let tag = varint(end) else { return (start, "the file ends in the middle of a number") }
      guard tag >> 3 > 0 else { return (start, "field number 0") }
      switch tag & 7 {
      case 0:
        guard varint(end) != nil else { return (start, "the file ends in the middle of a number") }
      case 1: position += 8
      case 5: position += 4
      case 2:
        guard let length = varint(end) else { return (start, "a field without its length") }
        guard length <= UInt64(end - position) else {
          return (start, "a field of \(length) bytes where \(end - position) are left")
        }
        let fieldEnd = position + Int(length)
        if let child = message.child(tag >> 3), let problem = problem(in: child, end: fieldEnd) {
          return problem
        }
        position = fieldEnd
      default: return (start, "unknown wire type \(tag & 7)")
      }
      guard position <= end else { return (start, "the file ends in the middle of a number") }
    }
    return nil
  }

  /// The next number of variable length; `nil` where it does not end before `end`.
  private mutating func varint(_ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { return nil }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
