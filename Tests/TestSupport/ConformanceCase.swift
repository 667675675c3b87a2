package import Files
package import Foundation
internal import ModelImport
package import QuantizedIR

/// A model of the conformance kit, with an input and what LiteRT's reference kernels give.
package struct ConformanceCase: CustomStringConvertible, Sendable {
  package let name: String

  package var description: String { name }

  /// `MNQUANT_CONFORMANCE`, or the kit's own folder: any folder of cases of the same layout.
  private static let folder =
    ProcessInfo.processInfo.environment["MNQUANT_CONFORMANCE"].map { URL(filePath: $0) }
    ?? Locations.shared.appending(path: "conformance/cases")

  package static let all: [ConformanceCase] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).sorted().map { ConformanceCase(name: $0) }
  }()

  package static var areThere: Bool { !all.isEmpty }

  package func bytes() throws -> Data {
    try Data(contentsOf: Self.folder.appending(path: "\(name)/model.tflite"))
  }

  package func model(exactWith runtime: ExactRuntime = .litert) throws -> QuantizedModel {
    let model = try ModelImporter.load(bytes: bytes(), name: name, exactWith: runtime)
    guard case .quantized(let quantized) = model else { throw NotInt8() }
    return quantized
  }

  package func array(_ file: String) throws -> NumPyArray {
    try NumPyArray(file: Data(contentsOf: Self.folder.appending(path: "\(name)/\(file).npy")))
  }

  /// The codes of the input, quantized where the model takes real numbers.
  package func inputCodes(_ model: QuantizedModel) throws -> [Int8] {
    try codes("input", model.inputIsReal, model.inputTensor)
  }

  /// The codes that LiteRT gives, of its real numbers where the model gives those.
  package func expectedCodes(_ model: QuantizedModel) throws -> [Int8] {
    try codes("expected", model.outputIsReal, model.outputTensor)
  }

  private func codes(
    _ file: String, _ isReal: Bool, _ tensor: QuantizedTensor
  ) throws -> [Int8] {
    let array = try array(file)
    guard isReal else { return try array.values(Int8.self) ?? { throw NotInt8() }() }
    return tensor.wrappedCodes(try array.values(Float.self) ?? { throw NotInt8() }())
  }

  private struct NotInt8: Error {}
}
