internal import Calibration
internal import Files
internal import QuantizedIR

extension Workspace {
  /// The workspace's calibration, where it is the one that `model` was made with.
  func calibration(of model: QuantizedModel) throws -> CalibrationTable? {
    guard let file = calibration else { return nil }
    let calibration = try CalibrationFile(file)
    var table = calibration.table
    // As it is found from here, so that the page's commands do.
    table.sample.path = calibration.images
    return table.sample.sha256 == model.provenance.calibration?.sha256 ? table : nil
  }
}
