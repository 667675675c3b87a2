import Boards
import Calibration
import Datasets
import Evaluation
import Foundation
import Pipeline
import QuantizedIR
import Quantizer
import Testing

/// The steps as functions: what they give, tell and throw.
@Suite struct PipelineTests {
  private let way: SmallWay

  init() throws { way = try SmallWay() }

  /// From the images to the firmware; nothing is written but where `write` says.
  @Test func stepsMakeFirmware() async throws {
    let (result, calibration) = try await way.quantized()
    let test = try way.pipeline.images(way.source, .train, for: way.graph, sampling: 8)
    let pair = try ModelPair(CurrentModel(result.model, calibration), madeFrom: way.float)
    let comparison = try await way.pipeline.compare(pair, on: test, limit: 8)
    #expect(comparison.images == 8)
    #expect(comparison.agreement > 0.7)
    let errors = try await way.pipeline.layerErrors(pair, on: test, count: 2)
    #expect(errors.count > 30)
    let emission = try way.pipeline.emit(
      result.model, for: try Board.named("cortex-m4"),
      selfTests: SelfTestInputs(result.model, count: 3, calibration))
    #expect(way.names(in: ".") == ["data"])
    try emission.write(to: way.path("firmware"))
    #expect(way.names(in: "firmware").isSuperset(of: ["Makefile", "include", "main.c", "runtime"]))
  }

  /// Each step begins with nothing done and ends with all, in order, whatever the threads.
  @Test func progressIsInOrder() async throws {
    let (result, calibration) = try await way.quantized()
    let images = try way.pipeline.images(way.source, .train, for: way.graph)
    let pair = try ModelPair(CurrentModel(result.model, calibration), madeFrom: way.float)
    _ = try await way.pipeline.compare(pair, on: images)
    _ = try await way.pipeline.layerErrors(pair, on: images, count: 5)
    let progress = way.events.compactMap { event in
      if case .progress(let progress) = event { progress } else { nil }
    }
    for (step, total) in [("calibrate", 40), ("compare", 40), ("layers", 5)] {
      let done = progress.filter { $0.step == step }
      #expect(done.allSatisfy { $0.total == total && $0.unit == .images })
      #expect(done.first?.done == 0)
      #expect(done.last?.done == total)
      #expect(done.map(\.done) == Set(done.map(\.done)).sorted())
    }
  }

  @Test func threadsChangeNothing() async throws {
    let table = try await way.calibrated().table
    var alone = way.pipeline
    alone.threads = 1
    let images = try alone.images(way.source, .train, for: way.graph)
    let same = try await alone.calibrate(way.float, way.graph, on: images, count: 40)
    #expect(same == table)
  }

  /// Self-tests take the records that the calibration used, and look at no others.
  @Test func selfTestsReadTheSampleAlone() async throws {
    let (result, calibration) = try await way.quantized(count: 5)
    let used = Set((0..<5).map { $0 * SmallWay.imageCount / 5 })
    func write(_ damaged: (Int) -> Bool) throws {
      try way.writeImages(
        (0..<SmallWay.imageCount).map { index in
          damaged(index) ? [UInt8](repeating: 255, count: 3073) : SmallWay.record(index)
        })
    }
    let expected = SelfTestInputs(result.model, count: 3, calibration)
    #expect(expected.origin == "3 calibration images of data")
    try write { !used.contains($0) }
    let found = SelfTestInputs(result.model, count: 3, calibration)
    #expect(found.inputs == expected.inputs)
    #expect(found.origin == expected.origin)
    try write { $0 == 8 }
    let generated = SelfTestInputs(result.model, count: 3, calibration)
    #expect(generated.origin.hasPrefix("generated"))
  }

  @Test func errorsAreFacts() async throws {
    #expect(problem { try LoadedModel("shapes-x") } == .unknown("shapes-x", guess: nil))
    #expect(problem { try way.float.quantized() } == .notInt8("shapes-mobilenet-v3-small"))
    let empty = try Workspace(way.path("w"))
    #expect(problem { try empty.requireCalibration() } == .notCalibrated(workspace: way.path("w")))
    let (result, calibration) = try await way.quantized()
    let other = try LoadedModel("cifar10-mobilenet-v1")
    #expect(throws: PipelineError.self) { try Quantization(other, calibration) }
    #expect(throws: PipelineError.self) {
      try ModelPair(CurrentModel(result.model), madeFrom: other)
    }
    let small = try Board.named("stm32f103-bluepill")
    do throws(PipelineError) {
      _ = try way.pipeline.emit(
        result.model, for: small, selfTests: SelfTestInputs(result.model, count: 1, nil))
      Issue.record("a network of 500 KiB fits \(small.name)")
    } catch {
      #expect(error.isGate)
      #expect(error.description.contains("stm32f103-bluepill has 64 KiB"))
    }
  }

  /// What `body` throws of models.
  private func problem(_ body: () throws -> Any) -> ModelProblem? {
    do {
      _ = try body()
      return nil
    } catch PipelineError.model(let problem) {
      return problem
    } catch {
      return nil
    }
  }
}
