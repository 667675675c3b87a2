package import Calibration
package import Evaluation
package import Files
package import QuantizedIR

/// All that the page shows about one float model and the int8 model made from it.
package struct Report {
  package var model: QuantizedModel
  package var footprint: Footprint
  package var comparison: ComparisonResult
  /// The error that each layer makes by itself, its inputs being the float network's.
  package var ownErrors: [LayerError]
  /// What the steps of quantization bring; empty where they were not run.
  package var ladder: [LadderStep]
  /// What ranges were learned from; `nil` for an int8 model that was imported.
  package var calibration: CalibrationTable?
  /// Some of the images for which the two networks disagree.
  package var changed: [ChangedImage]
  /// What happened to pixels, and what to be warned of: a sentence each.
  package var notes: [String]
  /// How to make this page again, one shell command each.
  package var commands: [String]

  /// A report by its parts.
  package init(
    model: QuantizedModel, footprint: Footprint, comparison: ComparisonResult,
    ownErrors: [LayerError], ladder: [LadderStep], calibration: CalibrationTable?,
    changed: [ChangedImage], notes: [String], commands: [String]
  ) {
    self.model = model
    self.footprint = footprint
    self.comparison = comparison
    self.ownErrors = ownErrors
    self.ladder = ladder
    self.calibration = calibration
    self.changed = changed
    self.notes = notes
    self.commands = commands
  }

  /// The page: one HTML file that loads nothing.
  ///
  /// - Throws: `FileError` where the style sheet is not beside the executable.
  package func html() throws(FileError) -> String {
    let sections = [
      headline, ladderSection, layerSection, confusionSection, changedSection, memorySection,
      tensorSection, weightSection, provenanceSection,
    ].compactMap(\.self)
    return try HTMLPage(
      title: "\(model.name): float and int8", heading: model.name, sections: sections
    ).html()
  }

  /// The name of class `index`, or its number where labels are unknown.
  func className(_ index: Int) -> String {
    model.labels.indices.contains(index) ? model.labels[index] : "class \(index)"
  }
}
