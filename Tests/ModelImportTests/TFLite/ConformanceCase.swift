import Files
import Foundation
import ModelImport
import QuantizedIR
import Testing

/// A model of the conformance kit, with an input and what LiteRT's reference kernels give.
struct ConformanceCase: CustomTestStringConvertible, Sendable {
  let name: String

  var testDescription: String { name }

  /// `MNQUANT_CONFORMANCE`, or the kit's own folder: any folder of cases of the same layout.
  private static let folder =
    ProcessInfo.processInfo.environment["MNQUANT_CONFORMANCE"].map { URL(filePath: $0) }
    ?? Locations.shared.appending(path: "conformance/cases")

  static let all: [ConformanceCase] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).sorted().map { ConformanceCase(name: $0) }
  }()

  static var areThere: Bool { !all.isEmpty }

  func bytes() throws -> Data {
    try Data(contentsOf: Self.folder.appending(path: "\(name)/model.tflite"))
  }

  func model(exactWith runtime: ExactRuntime = .litert) throws -> QuantizedModel {
    let model = try ModelImporter.load(bytes: bytes(), name: name, exactWith: runtime)
    guard case .quantized(let quantized) = model else { throw NotInt8() }
    return quantized
  }

  func array(_ file: String) throws -> NumPyArray {
    try NumPyArray(file: Data(contentsOf: Self.folder.appending(path: "\(name)/\(file).npy")))
  }

  /// The codes of the input, quantized where the model takes real numbers.
  func inputCodes(_ model: QuantizedModel) throws -> [Int8] {
    let input = try array("input")
    guard model.inputIsReal else { return try input.values(Int8.self) ?? { throw NotInt8() }() }
    return model.inputTensor.codes(try input.values(Float.self) ?? { throw NotInt8() }())
  }

  private struct NotInt8: Error {}
}
