internal import Calibration
internal import Datasets
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
