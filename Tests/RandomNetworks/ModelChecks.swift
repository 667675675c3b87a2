import BoardKernels
import Boards
import CEmitter
import Engines
import Foundation
import ModelExport
import ModelImport
import QuantizedIR
import Tensors

/// Everything that can be done with an int8 model, and that must agree.
struct ModelChecks {
  let model: QuantizedModel
  let seed: UInt64
  private let inputs: [[Int8]]
  private let outputs: [[Int8]]

  init(_ model: QuantizedModel, seed: UInt64) {
    (self.model, self.seed) = (model, seed)
    var draw = Draw(seed: seed, part: 2000)
    inputs = (0..<2).map { _ in draw.codes(model.inputTensor.shape.count) }
    let engine = BoundModel.plain(model)
    outputs = inputs.map { engine.run($0) }
  }

  /// What firmware must give; with one bit of one output changed where `isSpoiled`, which it must
  /// not.
  func selfTests(isSpoiled: Bool) -> [SelfTest] {
    zip(inputs, outputs).enumerated().map { index, pair in
      var output = pair.1
      if isSpoiled, index == 1 { output[output.count - 1] ^= 1 }
      return SelfTest(input: pair.0, output: output)
    }
  }

  /// - Throws: `Failure`.
  func run() throws {
    if let problem = model.inconsistency() { throw Failure("model", problem) }
    try file()
    try engines()
    try same(as: model.pruned, "pruned")
    if let problem = model.pruned.inconsistency() { throw Failure("pruned", problem) }
    try chains()
    for runtime in ExactRuntime.allCases { try tensorFlowLite(runtime) }
    do {
      _ = try ONNXExporter.file(model)
    } catch let error as ExportError {
      _ = try Refusal("ONNX export", error)
    }
  }

  private func file() throws {
    let read: QuantizedModel
    do {
      read = try QuantizedModel(fileBytes: model.fileBytes())
    } catch {
      throw Failure("file", "\(error)")
    }
    guard read == model else { throw Failure("file", "read back, the model is another") }
  }

  private func engines() throws {
    var host = BoundModel.host(model).makeArena()
    for (input, output) in zip(inputs, outputs) where host.run(input) != output {
      throw Failure("host engine", "another output")
    }
    try board("C kernels") { () throws(ScheduleError) in
      try BoardSchedule(model, kernels: model.layers.map { .portable($0.operation) })
    }
    for instructionSet in InstructionSet.allCases {
      try board("board engine") { () throws(ScheduleError) in
        try BoardSchedule(model, for: instructionSet)
      }
    }
  }

  private func board(
    _ stage: String, _ schedule: () throws(ScheduleError) -> BoardSchedule
  ) throws {
    let made: BoardSchedule
    do throws(ScheduleError) {
      made = try schedule()
    } catch {
      throw try Refusal("schedule", error)
    }
    if let fault = made.fault {
      throw Failure(stage, fault)
    }
    var arena = BoundModel.board(made).makeArena()
    for (input, output) in zip(inputs, outputs) where arena.run(input) != output {
      throw Failure(stage, "another output")
    }
  }

  private func same(as other: QuantizedModel, _ stage: String) throws {
    let engine = BoundModel.plain(other)
    for (input, output) in zip(inputs, outputs) where engine.run(input) != output {
      throw Failure(stage, "another output")
    }
  }

  /// The smallest arena, an arena somewhere between, and some layers in chains, whether it pays or not.
  private func chains() throws {
    var draw = Draw(seed: seed, part: 2001)
    let instructionSet = InstructionSet.allCases[draw.int(0...InstructionSet.allCases.count - 1)]
    let whole: BoardSchedule
    do throws(ScheduleError) {
      whole = try BoardSchedule(model, for: instructionSet)
    } catch {
      throw try Refusal("schedule", error)
    }
    try board("smallest arena") { () throws(ScheduleError) in
      try BoardSchedule(model, for: instructionSet, arenaLimit: .least)
    }
    try limited(to: draw.int(1...whole.plan.arenaBytes), instructionSet)
    if model.takesRows {
      let limit: ArenaLimit? = draw.once(in: 2) ? .least : nil
      try board("image by rows") { () throws(ScheduleError) in
        try BoardSchedule(model, for: instructionSet, arenaLimit: limit, input: .rows)
      }
    }
    let layers = try WholeLayers(model, for: instructionSet)
    for _ in 0..<4 {
      let first = draw.int(0...layers.model.layers.count - 1)
      let last = draw.int(first...layers.model.layers.count - 1)
      let chain = Chain(layers: first..<last + 1, stepBytes: 1 << draw.int(0...12))
      guard let chained = try BoardSchedule(layers, chains: [chain]) else {
        continue
      }
      try board("chain \(chain)") { () throws(ScheduleError) in chained }
    }
  }

  /// An arena of at most `limit` bytes, or a sentence that names a larger one.
  private func limited(to limit: Int, _ instructionSet: InstructionSet) throws {
    let limited: BoardSchedule
    do throws(ScheduleError) {
      limited = try BoardSchedule(model, for: instructionSet, arenaLimit: .bytes(limit))
    } catch {
      guard case .arenaLimit(limit, let smallest) = error, smallest > limit else {
        throw Failure("arena limit", "\(error)")
      }
      return
    }
    guard limited.plan.arenaBytes <= limit else {
      throw Failure("arena limit", "\(limited.plan.arenaBytes) bytes of \(limit)")
    }
    try board("arena limit") { () throws(ScheduleError) in limited }
  }

  /// Written as a TensorFlow Lite file and read again, the model gives the same bytes.
  private func tensorFlowLite(_ runtime: ExactRuntime) throws {
    let stage = "TensorFlow Lite export for \(runtime.rawValue)"
    let isImported = model.provenance.exactWith != nil
    guard !isImported || model.provenance.exactWith == runtime else { return }
    let exact = isImported ? model : model.exact(with: runtime)
    let bytes: [UInt8]
    do throws(ExportError) {
      bytes = try TFLiteExporter.file(exact, for: runtime)
    } catch {
      _ = try Refusal(stage, error)
      return
    }
    let imported: ImportedModel
    do throws(ImportError) {
      imported = try ModelImporter.load(bytes: Data(bytes), name: "read", exactWith: runtime)
    } catch {
      // Places in more pieces than the importer makes layers of; LiteRT reads them.
      if case .node(_, "GATHER", .attribute("indices", _, _)) = error { return }
      throw Failure(stage, "cannot be read: \(error.description)")
    }
    guard case .quantized(let read) = imported else {
      throw Failure(stage, "became a float network")
    }
    let (before, after) = (BoundModel.plain(exact), BoundModel.plain(read))
    for input in inputs where before.run(input) != after.run(input) {
      throw Failure(stage, "read back, it gives another output")
    }
  }
}
