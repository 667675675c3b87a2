internal import Files
internal import Foundation

/// The folder where a command leaves its result and the next one finds it.
struct Workspace {
  let folder: String
  var state: WorkspaceState

  /// Opens the workspace in `folder`, which need not exist yet.
  init(_ folder: String) throws {
    self.folder = folder
    let file = folder + "/workspace.json"
    guard FileManager.default.fileExists(atPath: file) else {
      state = WorkspaceState()
      return
    }
    state = try Failure.naming(file) {
      let bytes = try AtomicFile.read(file)
      do {
        return try JSONDecoder().decode(WorkspaceState.self, from: bytes)
      } catch {
        throw Failure("\(file): damaged; delete it and calibrate again")
      }
    }
  }

  /// Where a command leaves its calibration unless told otherwise.
  var defaultCalibration: String { folder + "/calibration.json" }

  /// Where a command leaves its int8 model unless told otherwise.
  var defaultQuantized: String { folder + "/quantized.mnq" }

  /// The calibration made last, if any.
  var calibration: String? { state.calibration.map(path) }

  /// The int8 model made last, if any.
  var quantized: String? { state.quantized.map { path($0.file) } }

  /// Remembers what the next commands are about; the int8 model of before is theirs no more.
  mutating func remember(model: LoadedModel?, calibration: String) throws {
    if let model {
      state.model = ModelReference.portable(model.reference)
      state.architecture = model.architecture
    }
    state.calibration = remembered(calibration)
    state.quantized = nil
    try save()
  }

  /// `file` as the workspace remembers it, so that it is found from another working directory.
  func remembered(_ file: String) -> String {
    let inside = folder + "/"
    return file.hasPrefix(inside) ? String(file.dropFirst(inside.count)) : Self.absolute(file)
  }

  /// Writes what the workspace remembers.
  func save() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(state), as: UTF8.self)
    try AtomicFile.write(text + "\n", to: folder + "/workspace.json")
  }

  private func path(_ remembered: String) -> String {
    remembered.hasPrefix("/") ? remembered : "\(folder)/\(remembered)"
  }

  /// `path` from the root of the file system.
  static func absolute(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.path
  }
}
