internal import Calibration
internal import Files
internal import FoundationEssentials
internal import ModelImport
package import QuantizedIR

/// The folder where a command leaves its result and the next one finds it.
package struct Workspace: Sendable {
  package let folder: String
  /// What it remembers.
  package internal(set) var state: WorkspaceState

  /// Opens the workspace in `folder`, which need not exist yet.
  ///
  /// - Throws: `PipelineError.damaged`, `at`.
  package init(_ folder: String) throws(PipelineError) {
    self.folder = folder
    let file = Self.file(in: folder)
    guard FileManager.default.fileExists(atPath: file) else {
      state = WorkspaceState()
      return
    }
    state = try PipelineError.naming(file) {
      try PipelineError.decode(AtomicFile.read(file, as: .owner), of: file) {
        "damaged, \($0); delete it and calibrate again"
      }
    }
  }

  private static func file(in folder: String) -> String { folder + "/workspace.json" }

  /// Where a command leaves its calibration unless told otherwise.
  package var defaultCalibration: String { folder + "/calibration.json" }

  /// Where a command leaves its int8 model unless told otherwise.
  package var defaultQuantized: String { folder + "/quantized.mnq" }

  /// The calibration made last, if any.
  package var calibration: String? { state.calibration.map(path) }

  /// The int8 model made last, if any.
  package var quantized: String? { state.quantized.map { path($0.file) } }

  /// Remembers what the next commands are about; the int8 model of before is theirs no more.
  ///
  /// - Parameter task: What the outputs of `model` stand for.
  package mutating func remember(
    model: LoadedModel?, calibration: String?, task: TaskChoice? = nil
  ) throws(PipelineError) {
    if let model {
      state.task = task
      state.model = ModelReference.portable(model.reference)
      state.architecture = model.architecture
      let shapes = model.inputShapes.spellings
      state.inputShapes = shapes.isEmpty ? nil : shapes
    }
    state.calibration = calibration.map(remembered)
    state.quantized = nil
    state.told = nil
    try save()
  }

  /// `file` as the workspace remembers it, so that it is found from another working directory.
  func remembered(_ file: String) -> String {
    let inside = folder + "/"
    return file.hasPrefix(inside) ? String(file.dropFirst(inside.count)) : Self.absolute(file)
  }

  /// Writes what the workspace remembers.
  func save() throws(PipelineError) {
    let file = Self.file(in: folder)
    try PipelineError.naming(file) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let text = String(decoding: try encoder.encode(state), as: UTF8.self)
      try AtomicFile.write(text + "\n", to: file)
    }
  }

  /// Those of `warnings` that no other command of this workspace has told yet; from now on they
  /// are `command`'s.
  ///
  /// - Parameter model: The int8 model that they are about, where it need not be the workspace's; of
  ///   another one, all are untold.
  package mutating func untold(
    _ warnings: [String], by command: String, about model: String? = nil
  ) -> [String] {
    if let model, quantized.map(Self.absolute) != Self.absolute(model) { return warnings }
    let told = state.told ?? [:]
    let untold = warnings.filter { told[$0] == nil || told[$0] == command }
    guard untold.contains(where: { told[$0] == nil }),
      FileManager.default.fileExists(atPath: Self.file(in: folder))
    else { return untold }
    state.told = told.merging(untold.map { ($0, command) }) { first, _ in first }
    // At worst they are told again.
    try? save()
    return untold
  }

  private func path(_ remembered: String) -> String {
    remembered.hasPrefix("/") ? Self.shown(remembered) : "\(folder)/\(remembered)"
  }

  /// `path` from the root of the file system.
  static func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path
  }

  /// `path`, from the working directory where it lies in there: as a user who typed it would know it.
  static func shown(_ path: String) -> String {
    let current = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(current) ? String(path.dropFirst(current.count)) : path
  }
}

/// What a workspace remembers from one command to the next: the content of `workspace.json`.
package struct WorkspaceState: Codable, Hashable, Sendable {
  /// The model that was calibrated last: a bundled model's name or an absolute path.
  package var model: String?
  /// The network that `--architecture` named for it.
  package var architecture: String?
  /// What `--input-shape` said of it.
  package var inputShapes: [String]?
  /// What `--task` said of it.
  package var task: TaskChoice?
  /// The calibration file: absolute, or relative to the workspace.
  package var calibration: String?
  /// The int8 model made last.
  package var quantized: Quantized?
  /// What users were warned of since the calibration, and the command that did.
  package var told: [String: String]?

  /// An int8 model and all that it was made from: it is stale where any of this has changed.
  package struct Quantized: Codable, Hashable, Sendable {
    /// Absolute, or relative to the workspace.
    package var file: String
    /// Of the file: another one there is not what this tells of.
    package var sha256: String?
    package var sources: Sources
  }

  /// What decides the bytes of an int8 model.
  package struct Sources: Codable, Hashable, Sendable {
    package var tool: String
    package var modelSHA256: String
    package var calibrationSHA256: String
    package var recipe: String
    package var exactWith: String?

    /// Whether a model made from these is still one of `others`, by whatever recipe it was made.
    package func agree(with others: Sources) -> Bool {
      var others = others
      others.recipe = recipe
      return self == others
    }
  }
}

/// The int8 model that a step continues with.
package struct CurrentModel: Sendable {
  package let model: QuantizedModel
  /// The one that it was made with; `nil` where that is not at hand.
  package let calibration: CalibrationFile?

  package init(_ model: QuantizedModel, _ calibration: CalibrationFile? = nil) {
    self.model = model
    self.calibration = calibration
  }
}

extension Workspace {
  /// The calibration file of steps that are not told another.
  ///
  /// - Throws: `ModelProblem.notCalibrated`.
  package func requireCalibration() throws(PipelineError) -> String {
    guard let calibration else { throw .model(.notCalibrated(workspace: folder)) }
    return calibration
  }

  /// The workspace's calibration, where it is the one that `model` was made with.
  package func calibration(
    of model: QuantizedModel
  ) throws(PipelineError) -> CalibrationFile? {
    guard let calibration else { return nil }
    let file = try CalibrationFile(calibration)
    return file.isOf(model) ? file : nil
  }

  /// `model`, whatever the workspace is about, with the workspace's calibration, where it is the one
  /// that `model` was made with and can be read.
  package func current(_ model: QuantizedModel) -> CurrentModel {
    CurrentModel(model, (try? calibration(of: model)) ?? nil)
  }

  /// The int8 model made last, where it is still there and of `model`; nothing is made anew.
  func currentQuantized(of model: LoadedModel) -> QuantizedModel? {
    guard let quantized, let made = state.quantized, made.sources.modelSHA256 == model.sha256,
      let bytes = try? AtomicFile.read(quantized, as: .owner), SHA256.hex(bytes) == made.sha256
    else { return nil }
    return try? QuantizedModel(fileBytes: bytes)
  }

  /// Where a calibration goes whose user named no file: that of part `index` of `count`, or of all.
  package func calibrationFile(ofPart part: (index: Int, count: Int)?) -> String {
    guard let part else { return defaultCalibration }
    return "\(folder)/calibration-\(part.index)-of-\(part.count).json"
  }

  /// Where shard `index` of `count` of a comparison goes whose user named no file.
  package func comparisonFile(ofShard index: Int, of count: Int) -> String {
    "\(folder)/comparison-\(index)-of-\(count).json"
  }

  /// Writes an int8 model to `file` and remembers it.
  package mutating func store(
    _ model: QuantizedModel, from sources: WorkspaceState.Sources, at file: String
  ) throws(PipelineError) {
    let bytes = try PipelineError.naming(file) { try model.fileBytes() }
    try PipelineError.naming(file) { try AtomicFile.write(bytes, to: file) }
    state.quantized = .init(file: remembered(file), sha256: SHA256.hex(bytes), sources: sources)
    try save()
  }
}

extension Pipeline {
  /// `model`, where it is int8, or else the int8 model that the workspace makes of it.
  package func currentModel(
    ofAny model: LoadedModel, in workspace: inout Workspace
  ) throws(PipelineError) -> CurrentModel {
    guard case .quantized(let int8) = model.content else {
      return try currentModel(of: model, in: &workspace)
    }
    return workspace.current(int8)
  }

  /// The int8 model of `model`, made anew where the workspace has none or one from other sources;
  /// as exact with a runtime as the one made last.
  package func currentModel(
    of model: LoadedModel, in workspace: inout Workspace
  ) throws(PipelineError) -> CurrentModel {
    let calibration = try CalibrationFile(try workspace.requireCalibration())
    let last = workspace.state.quantized
    let quantization = try Quantization(
      model, calibration,
      exactWith: last?.sources.exactWith.flatMap { ExactRuntime(rawValue: $0) })
    if let file = workspace.quantized, let last, last.sources.agree(with: quantization.sources),
      let bytes = try? AtomicFile.read(file, as: .owner)
    {
      // A run may have died between the model and what the workspace remembers of it.
      if last.sha256 == SHA256.hex(bytes) {
        let int8 = try PipelineError.naming(file) { try QuantizedModel(fileBytes: bytes) }
        return CurrentModel(int8, calibration)
      }
      tell(.otherFile(path: file))
    }
    tell(.quantizing(model: model.reference, calibration: calibration.path))
    let result = try quantize(quantization)
    try workspace.store(result.model, from: quantization.sources, at: workspace.defaultQuantized)
    tell(.warnings(workspace.untold(result.warnings, by: "quantize")))
    return CurrentModel(result.model, calibration)
  }
}

/// What a workspace is about, and what of it is no longer so: `mnquant status`.
package struct WorkspaceStatus: Encodable, Sendable {
  /// One thing that the workspace remembers.
  package struct Part: Encodable, Sendable {
    /// `model`, `calibration`, `images` or `int8`.
    package let name: String
    /// A path or a bundled model's name; `nil` where there is none yet.
    package let place: String?
    package let facts: String
    /// Why it is missing or stale; `nil` where all is well.
    package let problem: String?
  }

  package let workspace: String
  package let parts: [Part]
  /// What to do next, as one command.
  package let next: String

  /// Looks at all that `workspace` names; of the images only whether they are there.
  package init(_ workspace: Workspace) {
    self.workspace = workspace.folder
    guard let reference = workspace.state.model.map(Workspace.shown) else {
      parts = []
      next = "mnquant calibrate --data DIR"
      return
    }
    var parts: [Part] = []
    var model: LoadedModel?
    do {
      let loaded = try workspace.rememberedModel(workspace.state.model ?? reference)
      let kind = loaded.importedInt8 == nil ? "float" : "int8 already"
      parts.append(Part(name: "model", place: reference, facts: kind, problem: nil))
      model = loaded
    } catch {
      parts.append(Part(name: "model", place: reference, facts: "", problem: error.description))
    }
    var calibration: CalibrationFile?
    if let path = workspace.calibration {
      do {
        let file = try CalibrationFile(path)
        parts += Self.parts(of: file, model)
        calibration = file
      } catch {
        parts.append(Part(name: "calibration", place: path, facts: "", problem: error.description))
      }
    }
    parts.append(Self.int8(workspace, model, calibration))
    self.parts = parts
    next = Self.next(after: parts, needsCalibration: model?.importedInt8 == nil)
  }

  private static func parts(of file: CalibrationFile, _ model: LoadedModel?) -> [Part] {
    let (table, sample) = (file.table, file.table.sample)
    let isOther = model.map { $0.sha256 != table.model.sha256 } ?? false
    let isThere = FileManager.default.fileExists(atPath: file.images)
    return [
      Part(
        name: "calibration", place: file.path,
        facts: "\(Format.count(sample.imageCount, "image")), \(table.method.rawValue), "
          + Format.count(table.tensors.count, "tensor"),
        problem: isOther ? "stale: the model has changed since; calibrate again" : nil),
      Part(
        name: "images", place: file.images, facts: "\(sample.dataset), split \(sample.split)",
        problem: isThere ? nil : "they are no longer there; say where with --data"),
    ]
  }

  private static func int8(
    _ workspace: Workspace, _ model: LoadedModel?, _ calibration: CalibrationFile?
  ) -> Part {
    guard let file = workspace.quantized, let made = workspace.state.quantized else {
      return Part(name: "int8", place: nil, facts: "", problem: "not made yet")
    }
    let sources = made.sources
    var problem: String?
    if let bytes = try? AtomicFile.read(file, as: .owner) {
      if SHA256.hex(bytes) != made.sha256 {
        problem = "the file is another one than was made"
      } else if sources.tool != Tool.name {
        problem = "it was made by \(sources.tool), and this is \(Tool.name)"
      } else if let model, model.sha256 != sources.modelSHA256 {
        problem = "the model has changed since"
      } else if let calibration, calibration.sha256 != sources.calibrationSHA256 {
        problem = "the calibration has changed since"
      }
    } else {
      problem = "the file is gone"
    }
    let runtime = sources.exactWith.map { ", exact with \($0)" } ?? ""
    return Part(
      name: "int8", place: file, facts: "recipe \(sources.recipe)\(runtime)",
      problem: problem.map { "stale: \($0); the next command makes it anew" })
  }

  private static func next(after parts: [Part], needsCalibration: Bool) -> String {
    func isSound(_ name: String) -> Bool {
      parts.contains { $0.name == name && $0.problem == nil }
    }
    if !isSound("model") || (needsCalibration && !isSound("calibration")) {
      return "mnquant calibrate --data DIR --model MODEL"
    }
    return isSound("int8") ? "mnquant emit-c --out firmware/" : "mnquant quantize"
  }
}

extension Workspace {
  /// The model called `reference`, with what the workspace remembers of it.
  fileprivate func rememberedModel(_ reference: String) throws(PipelineError) -> LoadedModel {
    try LoadedModel(
      reference, architecture: state.architecture,
      inputShapes: state.inputShapes.flatMap { InputShapes($0) } ?? .none, prefersBundled: true)
  }
}
