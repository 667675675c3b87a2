internal import Calibration
internal import Datasets
internal import FoundationEssentials
internal import ModelImport
internal import Pipeline
internal import QuantizedIR
internal import Tensors

/// The commands that make a report's page again, from its data and models alone.
struct PageCommands {
  let report: DrawReport
  let models: ModelPair
  /// `nil` where the int8 model's calibration is not at hand.
  let table: CalibrationTable?
  /// The images.
  let data: String

  /// One shell command each.
  var lines: [String] {
    let made = report.pair.quantized.file == nil
    return [table.map(calibrate), made ? quantize : nil, draw].compactMap(\.self).map(\.text)
  }

  private var workspace: String? {
    let folder = report.pair.workspace.folder
    return folder == WorkspaceOptions.standard ? nil : folder
  }

  private func addModel(to line: inout CommandLine) {
    line.add("--model", CommandLine.path(models.floatModel.reference))
    line.add("--architecture", models.floatModel.architecture)
    for shape in models.floatModel.inputShapes.spellings { line.add("--input-shape", shape) }
  }

  private func calibrate(_ table: CalibrationTable) -> CommandLine {
    var line = CommandLine("calibrate")
    addModel(to: &line)
    line.add("--data", CommandLine.path(table.sample.path))
    line.add("--samples", "\(table.sample.imageCount)")
    line.add("--method", table.method.rawValue)
    addPixels(table, to: &line)
    line.add("--workspace", workspace)
    return line
  }

  /// What was typed of pixels; of the files of before, which do not say so, all.
  private func addPixels(_ table: CalibrationTable, to line: inout CommandLine) {
    let origins = table.origins ?? PreprocessingOrigins(.commandLine)
    let preprocessing = table.preprocessing
    if origins.mean == .commandLine, preprocessing.takesPixels {
      line.add("--mean", numbers: preprocessing.mean.map { "\($0)" })
    }
    if origins.std == .commandLine, preprocessing.takesPixels {
      line.add("--std", numbers: preprocessing.std.map { "\($0)" })
    }
    func sides(_ extent: Extent) -> [String] {
      (extent.height == extent.width ? [extent.height] : [extent.height, extent.width])
        .map { "\($0)" }
    }
    if origins.resize == .commandLine, let resize = preprocessing.resize {
      line.add("--resize", numbers: sides(resize))
    }
    if origins.crop == .commandLine, let crop = preprocessing.crop {
      line.add("--crop", numbers: sides(crop))
    }
    let isTyped = preprocessing.resizesAll || table.origins == nil
    line.add("--squash", if: preprocessing.squash && isTyped)
  }

  private var quantize: CommandLine {
    var line = CommandLine("quantize")
    let provenance = models.int8.provenance
    line.add(words: ["--recipe"] + provenance.recipe.split(separator: " ").map(String.init))
    line.add("--exact-with", provenance.exactWith?.rawValue)
    line.add("--workspace", workspace)
    return line
  }

  private var draw: CommandLine {
    var line = CommandLine("report")
    line.add("--out", report.out)
    line.add("--data", CommandLine.path(data))
    line.add("--classes", report.classes)
    line.add("--split", report.pair.split.rawValue)
    line.add("--limit", report.pair.limit.map { "\($0)" })
    if let quantized = report.pair.quantized.file {
      addModel(to: &line)
      line.add("--quantized", quantized)
      let runtime = report.pair.quantized.exactness.runtime
      line.add("--exact-with", runtime == ExactOption.standard ? nil : runtime.rawValue)
    }
    if report.ownErrorImages != DrawReport.standardOwnErrors {
      line.add("--own-errors", "\(report.ownErrorImages)")
    }
    if report.ladderImages != DrawReport.standardLadder {
      line.add("--ladder", "\(report.ladderImages)")
    }
    line.add("--times", if: report.times)
    line.add("--workspace", workspace)
    return line
  }
}

/// A command as a shell takes it.
struct CommandLine {
  private(set) var words: [String]

  /// These words.
  init(words: [String]) { self.words = words }

  /// `mnquant NAME`.
  init(_ name: String) { words = ["mnquant", name] }

  /// As it was typed, with the tool's name in front.
  static var typed: CommandLine {
    CommandLine(words: ["mnquant"] + ProcessInfo.processInfo.arguments.dropFirst())
  }

  /// Adds an option with its value, where there is one.
  mutating func add(_ option: String, _ value: String?) {
    if let value { words += [option, value] }
  }

  /// Adds an option whose value may begin with a minus.
  mutating func add(_ option: String, numbers: [String]) {
    words.append("\(option)=" + numbers.joined(separator: ","))
  }

  /// Adds a flag.
  mutating func add(_ flag: String, if isSet: Bool) {
    if isSet { words.append(flag) }
  }

  /// Adds words that were typed.
  mutating func add(words typed: some Sequence<String>) { words += typed }

  /// The line, with quotes around what means something to a shell.
  var text: String { words.map(Self.quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./,:=+@%".utf8.contains(byte)
      }
    }
    return plain && !word.isEmpty
      ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// `path` from the working directory, where it lies below it, else as it is.
  static func path(_ path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }
}
