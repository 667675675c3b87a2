import Foundation
import ModelImport
import QuantizedIR
import TestSupport
import Testing

/// What `Tests/Oracles/make_tflite_oracles.py` wrote: networks of one operator, and what LiteRT and
/// TFLM give for them.
struct TFLiteOracle: Decodable {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let input: [Float]
    let litert: [Float]
    let tflm: [Float]

    var testDescription: String { name }

    func output(of runtime: ExactRuntime) -> [Float] {
      switch runtime {
      case .litert: litert
      case .tflm: tflm
      }
    }

    func bytes() throws -> Data {
      try Data(contentsOf: TFLiteOracle.folder.appending(path: "tflite/\(name).tflite"))
    }
  }

  struct FloatCase: Decodable {
    let input: [Float]
    let litert: [Float]
  }

  struct Predictions: Decodable {
    let modelSHA256: String
    let recordsSHA256: String
    /// One digit an image.
    let classes: String
  }

  let cases: [Case]
  /// SHA-256 of TFLM's output bytes for the cases of the conformance kit.
  let conformanceTFLM: [String: String]
  let resnet8: Predictions
  /// A network of every float operator that can be imported, in `tflite/float.tflite`.
  let float: FloatCase
  /// The probabilities of the reference model for the image whose pixel `i` is `i * 37 % 256`.
  let vwwFloat: [Float]

  static let folder = Locations.tests.appending(path: "Oracles")

  static let all: TFLiteOracle = {
    do {
      let json = try Data(contentsOf: folder.appending(path: "tflite.json"))
      return try JSONDecoder().decode(TFLiteOracle.self, from: json)
    } catch {
      fatalError("tflite.json: \(error)")
    }
  }()
}

/// The int8 model in `bytes`.
func int8Model(
  _ bytes: Data, name: String, exactWith runtime: ExactRuntime = .litert
) throws -> QuantizedModel {
  guard
    case .quantized(let model) = try ModelImporter.load(
      bytes: bytes, name: name, exactWith: runtime)
  else { throw NotAnInt8Model() }
  return model
}

struct NotAnInt8Model: Error {}
