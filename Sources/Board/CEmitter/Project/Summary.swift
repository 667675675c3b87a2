internal import BoardKernels
internal import Boards
internal import FoundationEssentials
internal import QuantizedIR
internal import Tensors

/// `net.json`: sizes, tensors and layers with their place in the arena, for scripts.
struct Summary {
  private let content: Content
  private let prefix: String

  private struct Content: Encodable {
    let model: String
    let board: String
    let prefix: String
    let provenance: Provenance
    let arenaBytes: Int
    let arenaLowerBound: Int
    let tableBytes: Int
    let flashBytesAvailable: Int
    let ramBytesAvailable: Int
    let macs: Int
    let strips: Strips?
    /// The only one; `inputs` where there are several.
    let input: Buffer?
    let inputs: [Buffer]?
    /// The only one; `outputs` where there are several.
    let output: Buffer?
    let outputs: [Buffer]?
    let layers: [Entry]
  }

  private struct Buffer: Encodable {
    let name: String
    let shape: [Int]
    let scale: Double
    let zeroPoint: Int32
    /// Of a code, where it has more than 8.
    let bits: Int?
    let offset: Int?

    init(_ tensor: Int, _ schedule: BoardSchedule, called name: String? = nil) {
      let entry = schedule.model.tensors[tensor]
      self.name = name ?? entry.name
      shape = entry.shape.dimensions
      scale = entry.scale
      zeroPoint = entry.zeroPoint
      bits = entry.width == .int8 ? nil : entry.width.rawValue
      offset = schedule.plan.offsets[tensor]
    }
  }

  private struct Entry: Encodable {
    let name: String
    let operation: String
    let kernel: String
    let macs: Int
    let instructions: Int?
    let flashBytes: Int
    let ramBytes: Int
    let inputs: [Buffer]
    let output: Buffer
  }

  /// - Parameter instructions: Of each layer; `nil` where nobody has measured.
  init(schedule: BoardSchedule, names: Names, board: Board, instructions: [Int]?) {
    let model = schedule.model
    func buffers(_ ports: [Port]) -> [Buffer] {
      ports.map { Buffer($0.tensor, schedule, called: $0.name) }
    }
    let (inputs, outputs) = (buffers(Port.inputs(model)), buffers(Port.outputs(model)))
    prefix = names.prefix
    content = Content(
      model: model.name, board: board.name, prefix: names.prefix, provenance: model.provenance,
      arenaBytes: schedule.plan.arenaBytes, arenaLowerBound: schedule.plan.lowerBound,
      tableBytes: schedule.tableBytes,
      flashBytesAvailable: board.flashBytes, ramBytesAvailable: board.ramBytes, macs: model.macs,
      strips: schedule.strips,
      input: inputs.count == 1 ? inputs[0] : nil, inputs: inputs.count == 1 ? nil : inputs,
      output: outputs.count == 1 ? outputs[0] : nil, outputs: outputs.count == 1 ? nil : outputs,
      layers: model.layers.enumerated().map { index, layer in
        Entry(
          name: layer.name, operation: layer.operation.name,
          kernel: schedule.kernels[index].stem, macs: layer.operation.macs,
          instructions: instructions?[index],
          flashBytes: schedule.flashBytes(of: index),
          ramBytes: schedule.bytesInUse[index],
          inputs: layer.inputs.map { Buffer($0, schedule) },
          output: Buffer(layer.output, schedule))
      })
  }

  var file: EmittedFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let json = try encoder.encode(content)
      return EmittedFile(
        path: "\(prefix).json", text: PlainText.json(String(decoding: json, as: UTF8.self)) + "\n")
    } catch {
      preconditionFailure("strings and finite numbers do encode: \(error)")
    }
  }
}
