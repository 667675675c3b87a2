private import Files
package import FoundationEssentials
package import NetworkGraph
package import ONNXSchema
internal import SwiftProtobuf
internal import Tensors

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
    let (network, steps) = try inputShapes.applied(to: model.inlined.withoutThresholds).withoutTail
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

extension Onnx_ModelProto {
  /// `preprocessing.*` of the metadata; pixels scaled to 0...1 and nothing else where there is none.
  func preprocessing(channels: Int) throws(ImportError) -> Preprocessing {
    var preprocessing = Preprocessing.unit(channels: channels)
    if let mean = try numbers("preprocessing.mean", channels) { preprocessing.mean = mean }
    if let std = try numbers("preprocessing.std", channels) {
      guard std.allSatisfy({ $0 != 0 }) else {
        throw .metadata(
          key: "preprocessing.std", found: metadata("preprocessing.std") ?? "",
          expected: "numbers other than 0")
      }
      preprocessing.std = std
    }
    let resize = try sides("preprocessing.resize")
    preprocessing.resize = resize?.extent
    preprocessing.crop = try sides("preprocessing.crop")?.extent
    switch metadata("preprocessing.squash") {
    case nil: preprocessing.squash = resize?.areTwo ?? false
    case "false"? where resize?.areTwo != true: preprocessing.squash = false
    case "true"?: preprocessing.squash = true
    case let found?:
      throw .metadata(
        key: "preprocessing.squash", found: found,
        expected: resize?.areTwo == true ? "true, with both sides to resize to" : "true or false")
    }
    return preprocessing
  }

  /// Checks that nothing is said of pixels, for a network with several inputs.
  func requireNoPreprocessing() throws(ImportError) {
    guard let entry = metadataProps.first(where: { $0.key.hasPrefix("preprocessing.") }) else {
      return
    }
    throw .metadata(
      key: entry.key, found: entry.value,
      expected: "none: a network with several inputs takes them as they are")
  }

  /// Which parts of `preprocessing` the metadata says.
  var preprocessingOrigins: PreprocessingOrigins {
    func says(_ key: String) -> Bool { metadata("preprocessing." + key) != nil }
    return PreprocessingOrigins(
      .model, mean: says("mean"), std: says("std"), resize: says("resize"), crop: says("crop"))
  }

  /// The names of the classes that `outputs` tell apart, one a line; empty where the metadata has none,
  /// and where it has others for outputs that are no vector of scores.
  func labels(of outputs: [Shape]) throws(ImportError) -> [String] {
    guard let text = metadata("labels") else { return [] }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    if outputs.tellApart(lines.count) { return lines }
    guard outputs.count == 1, outputs[0].rank == 2 else { return [] }
    throw .metadata(
      key: "labels", found: "\(lines.count) lines",
      expected: "\(outputs[0].channels) lines, one for each output")
  }

  private func metadata(_ key: String) -> String? {
    metadataProps.first { $0.key == key }?.value
  }

  private func numbers(_ key: String, _ channels: Int) throws(ImportError) -> [Float]? {
    guard let text = metadata(key) else { return nil }
    let values = text.split(separator: ",").map { Float($0.trimmed) ?? .nan }
    guard values.count == channels, values.allSatisfy(\.isFinite) else {
      throw .metadata(
        key: key, found: text, expected: "\(channels) numbers, one for each channel, with commas")
    }
    return values
  }

  /// `96` or `96,128`: one side for both, or height and width.
  private func sides(_ key: String) throws(ImportError) -> (extent: Extent, areTwo: Bool)? {
    guard let text = metadata(key) else { return nil }
    let sides = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmed) ?? 0
    }
    guard (1...2).contains(sides.count),
      sides.allSatisfy({ (1...ONNXImporter.largestSide).contains($0) })
    else {
      throw .metadata(
        key: key, found: text,
        expected: "a number of pixels in 1...\(ONNXImporter.largestSide), or two with a comma")
    }
    return (Extent(sides[0], sides.last ?? 0), sides.count == 2)
  }
}

extension Onnx_ModelProto {
  /// What decides at the end of a network.
  private static let deciding: [String: CallerStep.Operation] = [
    "ArgMax": .argMax, "ArgMin": .argMin, "TopK": .topK,
  ]
  /// What may follow it: the same answers in another shape or type.
  private static let passing: Set = [
    "Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze",
  ]

  /// The same network without the steps at its end that pick from what it gives: its outputs are
  /// what these read, by their own names. As it is where something else reads what they give.
  var withoutTail: (model: Onnx_ModelProto, steps: [CallerStep]) {
    var producers: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() {
      for name in node.output where !name.isEmpty { producers[name] = index }
    }
    var (steps, removed): ([CallerStep], Set<Int>) = ([], [])
    var identities: [Onnx_NodeProto] = []
    for output in graph.output.map(\.name) {
      guard let tail = tail(of: output, producers) else { continue }
      steps.append(CallerStep(tail.operation, output: output))
      removed.formUnion(tail.nodes)
      identities.append(
        .with {
          $0.opType = "Identity"
          $0.input = [tail.source]
          $0.output = [output]
        })
    }
    let gone = Set(removed.flatMap { graph.node[$0].output })
    let kept = graph.node.indices.filter { !removed.contains($0) }
    guard !steps.isEmpty, kept.allSatisfy({ gone.isDisjoint(with: graph.node[$0].input) }) else {
      return (self, [])
    }
    var model = self
    model.graph.node = kept.map { graph.node[$0] } + identities
    return (model, steps)
  }

  /// The nodes from the deciding one to `output`, and what that one reads; `nil` where none decides.
  private func tail(
    of output: String, _ producers: [String: Int]
  ) -> (operation: CallerStep.Operation, source: String, nodes: [Int])? {
    var (name, nodes) = (output, [Int]())
    while let index = producers[name], !nodes.contains(index) {
      let node = graph.node[index]
      guard ["", "ai.onnx"].contains(node.domain), let source = node.input.first else { return nil }
      nodes.append(index)
      if let operation = Self.deciding[node.opType] { return (operation, source, nodes) }
      guard Self.passing.contains(node.opType) else { return nil }
      name = source
    }
    return nil
  }
}
