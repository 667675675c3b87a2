import Foundation

/// A kind of file that people hand to the tool. The raw value is the spelling on the command line
/// and the name of the folder with its fixtures.
enum FuzzFormat: String, CaseIterable {
  case onnx
  case floatTFLite = "tflite-float"
  case int8TFLite = "tflite-int8"
  case mnq
  case safetensors
  case torch
  case calibration
  case npy
  case jpeg
  case png
  case cifar
  case classes
  case sidecar
  case board

  /// Takes `bytes` as far as the tool takes such a file. Files that are refused return early;
  /// whatever else is wrong ends the process.
  func check(_ bytes: Data) {
    switch self {
    case .onnx, .floatTFLite, .int8TFLite, .mnq: ModelCheck.model(bytes)
    case .safetensors, .torch: ModelCheck.weights(bytes)
    case .calibration: ModelCheck.calibration(bytes)
    case .sidecar: ModelCheck.sidecar(bytes)
    case .board: ModelCheck.board(bytes)
    case .npy: DataCheck.arrays(bytes)
    case .jpeg, .png: DataCheck.picture(bytes)
    case .cifar: DataCheck.records(bytes)
    case .classes: DataCheck.classList(bytes)
    }
  }
}
