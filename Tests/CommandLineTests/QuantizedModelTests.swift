import Files
import Foundation
import TestSupport
import Testing

/// Models that are quantized already go through the commands of float ones, and stay what they are.
@Suite struct QuantizedModelTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  @Test func onnx() throws {
    let fixture = try QuantizedFixture.all.get()
    let model = QuantizedFixture.folder.appending(path: "residual-u8s8-integers.onnx").path
    let inputs = fixture.inputs(of: "residual-u8s8-integers")
    let images = NumPyArray(inputs.flatMap { $0 }, shape: [inputs.count, 8, 8, 3])
    try folder.write(images.file(), to: "x.npy")
    _ = try run("calibrate", "--model", model, "--data", "x.npy")
    let made = try run("quantize", "--out", "m.mnq", "--json")
    #expect(try made.json()["recipe"] as? String == "imported")
    #expect("\(try made.json())".contains("is quantized already"))
    _ = try run("run", "m.mnq", "--input", "x.npy", "--output", "codes.npy")
    _ = try run("run", model, "--engine", "float", "--input", "x.npy", "--output", "reals.npy")
  }

  @Test func int8TensorFlowLite() throws {
    let name = "conv2d-0.tflite"
    let model = Locations.tests.appending(path: "Oracles/tflite/\(name)").path
    let calibrated = try run("calibrate", "--model", model, "--data", "nothing.npy")
    #expect(calibrated.output.contains("nothing to calibrate"))
    #expect(calibrated.errors.contains("is quantized already"))
    let made = try run("quantize", "--out", "m.mnq", "--json")
    #expect(try made.json()["recipe"] as? String == "imported")
    let summary = try run("summary", "m.mnq").output
    #expect(try summary == run("summary", model).output)
  }
}
