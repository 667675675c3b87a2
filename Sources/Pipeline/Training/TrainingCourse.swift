internal import Files
internal import Foundation
internal import Report
internal import Training

/// How a training went, in files beside what it made.
struct TrainingCourse {
  /// What the network is called.
  let name: String
  /// The name, and which weights it began with.
  let subject: String
  let history: [EpochRecord]

  /// Writes `NAME.csv`, a row an epoch, and the page `NAME.html` with the curves.
  ///
  /// - Parameters:
  ///   - path: Of what was made.
  ///   - test: How it did on images that chose nothing.
  ///   - command: What makes these files again.
  func write(
    beside path: String, test: (accuracy: Double, images: Int), command: String
  ) throws {
    try AtomicFile.write(table, to: Self.beside(path, "csv"))
    let page = TrainingPage(
      name: name, history: history, testAccuracy: test.accuracy, testImages: test.images,
      facts: [("trained", subject)], command: command)
    try AtomicFile.write(try page.html(), to: Self.beside(path, "html"))
  }

  /// The files that `write` leaves beside the one at `path`.
  static func companions(of path: String) -> [String] {
    ["csv", "html"].map { beside(path, $0) }
  }

  /// The file at `path` with another ending.
  static func beside(_ path: String, _ ending: String) -> String {
    URL(filePath: path).deletingPathExtension().appendingPathExtension(ending).relativePath
  }

  private var table: String {
    let rows = history.map { record in
      [
        "\(record.epoch)", "\(record.rate)", "\(record.trainingLoss)",
        "\(record.trainingAccuracy)", record.validationLoss.map { "\($0)" } ?? "",
        record.validationAccuracy.map { "\($0)" } ?? "",
      ].joined(separator: ",")
    }
    let head =
      "epoch,rate,training loss,training accuracy,validation loss,validation accuracy"
    return ([head] + rows).joined(separator: "\n") + "\n"
  }
}
