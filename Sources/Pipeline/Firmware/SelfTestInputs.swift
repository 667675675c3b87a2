internal import CEmitter
internal import Calibration
internal import Datasets
internal import Engines
package import QuantizedIR
internal import Tensors

/// The inputs that firmware is tested with: calibration images where they can be found, else
/// numbers that every machine can make.
package struct SelfTestInputs: Sendable {
  /// Codes of the input tensor.
  package let inputs: [[Int8]]
  /// Where they come from, for people.
  package let origin: String

  /// `count` inputs for `model`: images of `calibration`, where it is the one that `model` was made
  /// with and its images are at hand.
  package init(_ model: QuantizedModel, count: Int, _ calibration: CalibrationFile?) {
    if let images = try? calibration.flatMap({ try Self.images(model, count, $0) }) {
      inputs = images.inputs
      origin = images.origin
    } else {
      inputs = Self.generated(model.inputShape.count, count)
      origin = "generated, because the model's calibration images are not at hand"
    }
  }

  /// The inputs with the outputs that the integer engine gives.
  func selfTests(_ model: QuantizedModel) -> [SelfTest] {
    let engine = BoundModel.plain(model)
    return inputs.map { SelfTest(input: $0, output: engine.run($0)) }
  }

  /// Calibration images, spread evenly; `nil` where the calibration is not the model's.
  private static func images(
    _ model: QuantizedModel, _ count: Int, _ calibration: CalibrationFile
  ) throws -> (inputs: [[Int8]], origin: String)? {
    guard calibration.isOf(model) else { return nil }
    let images = try CalibrationImages(
      calibration, inputs: model.namedInputs, at: calibration.images)
    let used = min(count, images.indices.count)
    var inputs: [[Int8]] = []
    for position in 0..<used {
      let index = images.indices[position * images.indices.count / used]
      switch try images.dataset.sample(at: index) {
      case .values(let values): inputs.append(model.inputCodes(values) { $0.codes($1) })
      case .image(let image):
        guard let encoding = model.pixelEncoding else { return nil }
        inputs.append(encoding.encode(image.pixels))
      }
    }
    return (inputs, "\(used) calibration images of \(calibration.table.sample.dataset)")
  }

  /// Bytes of the generator x ← 1664525 x + 1013904223 mod 2^32 from x = 12345: the top byte of
  /// each x. One stream runs through all inputs.
  private static func generated(_ length: Int, _ count: Int) -> [[Int8]] {
    var x: UInt32 = 12345
    return (0..<count).map { _ in
      (0..<length).map { _ in
        x = x &* 1_664_525 &+ 1_013_904_223
        return Int8(bitPattern: UInt8(x >> 24))
      }
    }
  }
}
