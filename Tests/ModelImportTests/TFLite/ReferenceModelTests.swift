import Engines
import Foundation
import ModelImport
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// MLPerf Tiny's int8 reference models give the bytes that LiteRT, TFLM and CMSIS-NN give.
@Suite(
  .enabled(
    if: Locations.isShared("models/cifar10-resnet8.int8.tflite"),
    "\(Locations.absence(of: "models/cifar10-resnet8.int8.tflite"))"))
struct ReferenceModelTests {
  @Test(arguments: ExactRuntime.allCases) func vww(_ runtime: ExactRuntime) throws {
    let values = try activations("vww-mobilenet-v1-025-96.int8", runtime)
    #expect(values.output == [0x78, 0x88])
    #expect(values.logits == [0x74, 0x85])
  }

  @Test(arguments: ExactRuntime.allCases) func resnet8(_ runtime: ExactRuntime) throws {
    let values = try activations("cifar10-resnet8.int8", runtime)
    #expect(values.output == [0x80, 0x80, 0x82, 0x83, 0x80, 0x80, 0x7B, 0x80, 0x80, 0x80])
    #expect(values.logits == [0x9E, 0xCE, 0x0F, 0x13, 0x96, 0xBA, 0x2C, 0x8E, 0xE8, 0x95])
  }

  @Test func metadataComesFromTheFileBeside() throws {
    let resnet8 = try model("cifar10-resnet8.int8", .litert)
    #expect(resnet8.labels.count == 10)
    // Pixels are the network's own scale: the code is the pixel less 128.
    let codes = resnet8.pixelEncoding?.encode([0, 1, 127, 128, 254, 255])
    #expect(codes == [-128, -127, -1, 0, 126, 127])
    let vww = try model("vww-mobilenet-v1-025-96.int8", .litert)
    #expect(vww.labels == ["no person", "person"])
    #expect(vww.pixelEncoding?.preprocessing.squash == true)
  }

  private func model(_ name: String, _ runtime: ExactRuntime) throws -> QuantizedModel {
    let path = Locations.shared.appending(path: "models/\(name).tflite").path
    guard
      case .quantized(let model) = try ModelImporter.load(path: path, exactWith: runtime).model
    else { throw NotAnInt8Model() }
    return model
  }

  /// The output, and the input of the softmax before it, for the input of a linear congruential
  /// generator.
  private func activations(
    _ name: String, _ runtime: ExactRuntime
  ) throws -> (output: [UInt8], logits: [UInt8]) {
    let model = try model(name, runtime)
    var state: UInt32 = 12345
    let codes = (0..<model.inputTensor.shape.count).map { _ in
      defer { state = state &* 1_664_525 &+ 1_013_904_223 }
      return Int8(truncatingIfNeeded: (state &* 1_664_525 &+ 1_013_904_223) >> 24)
    }
    #expect(codes.prefix(4).map { UInt8(bitPattern: $0) } == [0x05, 0x04, 0x8B, 0xA2])
    let values = BoundModel.plain(model).activations(codes)
    let last = try #require(model.layers.last)
    return (
      values[model.output].map { UInt8(bitPattern: $0) },
      values[last.inputs[0]].map { UInt8(bitPattern: $0) }
    )
  }
}
