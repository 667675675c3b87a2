internal import Files
internal import Foundation

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
      let bytes = try AtomicFile.read(file, as: .owner)
      do {
        return try JSONDecoder().decode(WorkspaceState.self, from: bytes)
      } catch {
        throw PipelineError.damaged(
          path: file,
          words: "damaged, \(JSONProblem.words(error)); delete it and calibrate again")
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
  package mutating func remember(
    model: LoadedModel?, calibration: String
  ) throws(PipelineError) {
    if let model {
      state.model = ModelReference.portable(model.reference)
      state.architecture = model.architecture
    }
    state.calibration = remembered(calibration)
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
    remembered.hasPrefix("/") ? remembered : "\(folder)/\(remembered)"
  }

  /// `path` from the root of the file system.
  static func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path
  }
}
