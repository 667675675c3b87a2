internal import Calibration
internal import Files
internal import QuantizedIR

extension Workspace {
  /// The workspace's calibration, where it is the one that `model` was made with.
  func calibration(of model: QuantizedModel) throws -> CalibrationTable? {
    guard let file = calibration else { return nil }
    let table = try Failure.naming(file) { try CalibrationTable(bytes: try AtomicFile.read(file)) }
    return table.sample.sha256 == model.provenance.calibration?.sha256 ? table : nil
  }
}
