import Engines
import Foundation
import ModelImport
import PlainNetworks
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Damaged files are errors, or by chance networks that run; they never trap.
@Suite struct HostileTFLiteTests {
  @Test(arguments: TFLiteOracle.all.cases)
  func cutAtEveryByte(_ row: TFLiteOracle.Case) throws {
    let bytes = try row.bytes()
    for count in 0..<bytes.count {
      #expect(throws: ImportError.self) {
        try ModelImporter.load(bytes: bytes.prefix(count), name: row.name)
      }
    }
  }

  /// What Keras' converter leaves of layers that have no int8 form.
  @Test func aPartInFloatIsNamed() {
    var sketch = TFLiteSketch()
    sketch.tensors = [
      TFLiteSketch.Tensor("x", [1, 4], scales: [0.5], zeroPoints: [0]),
      TFLiteSketch.Tensor("real", [1, 4], .float),
      TFLiteSketch.Tensor("y", [1, 4], scales: [0.25], zeroPoints: [3]),
    ]
    sketch.nodes = [
      TFLiteSketch.Node(.logistic, [0], 1), TFLiteSketch.Node(.quantize, [1], 2),
    ]
    sketch.output = 2
    let error = #expect(throws: ImportError.self) {
      try ModelImporter.load(bytes: Data(sketch.bytes), name: "parts")
    }
    #expect(error == .node(name: "real", operation: "LOGISTIC", .partInFloat))
  }

  @Test(arguments: TFLiteOracle.all.cases)
  func flippedBytes(_ row: TFLiteOracle.Case) throws {
    #expect(load(try row.bytes(), seed: 1, times: 1500) > 100)
  }

  @Test(
    .enabled(if: ConformanceCase.areThere, "the conformance kit is not in ../shared"),
    arguments: ConformanceCase.all)
  func kitCutAndFlipped(_ row: ConformanceCase) throws {
    let bytes = try row.bytes()
    for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
      #expect(throws: ImportError.self) {
        try ModelImporter.load(bytes: bytes.prefix(count), name: row.name)
      }
    }
    _ = load(bytes, seed: 2, times: bytes.count > 100_000 ? 20 : 300)
  }

  /// Loads `bytes` with one to three of them changed, and runs what is still a small network;
  /// returns how often that was refused.
  private func load(_ bytes: Data, seed: UInt64, times: Int) -> Int {
    var random = SplitMix64(seed: seed)
    var refusals = 0
    for _ in 0..<times {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      do throws(ImportError) {
        guard case .quantized(let model) = try ModelImporter.load(bytes: damaged, name: "damaged"),
          model.macs < 1_000_000, model.tensors.allSatisfy({ $0.shape.count < 100_000 })
        else { continue }
        let codes = (0..<model.inputTensor.shape.count).map { Int8(truncatingIfNeeded: $0 &* 37) }
        _ = BoundModel.plain(model).run(codes)
        if MemoryPlan(model).fault(in: model) != nil { Issue.record("the plan loses a value") }
      } catch {
        refusals += 1
      }
    }
    return refusals
  }
}
