internal import Foundation
internal import Quantizer

/// The way from a float network to firmware, a step a function: values in, values out.
///
///     let pipeline = Pipeline(threads: 8) { print($0) }
///     let float = try LoadedModel("net.onnx")
///     let graph = try float.graph()
///     let images = try pipeline.images(DataSource(path: "data"), .train, for: graph)
///     let table = try await pipeline.calibrate(float, graph, on: images, count: 512)
///     let calibration = try CalibrationFile(table, path: "calibration.json")
///     let int8 = try pipeline.quantize(Quantization(float, calibration)).model
///     let tests = SelfTestInputs(int8, count: 10, calibration)
///     let board = try Board.named("cortex-m4")
///     try pipeline.emit(int8, for: board, selfTests: tests).write(to: "firmware")
///
/// No step prints or ends the program: what it has to tell while it works goes to `tell`, and every
/// error is a `PipelineError`. Files are written by the types that `write`, and a `Workspace`
/// remembers where; the steps only read, but for `currentModel`, which keeps what it makes in a
/// workspace, and `builtInData`, which draws a folder.
package struct Pipeline: Sendable {
  /// How many threads share a step's work, at least 1. No result depends on it.
  package var threads: Int
  /// Told what happens, from any thread, one event at a time.
  package var tell: @Sendable (PipelineEvent) -> Void

  package init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    tell: @escaping @Sendable (PipelineEvent) -> Void = { _ in }
  ) {
    precondition(threads > 0, "\(threads) threads")
    self.threads = threads
    self.tell = tell
  }

  /// What tells how far `step`, which counts images, has come; it tells at once that it begins.
  func meter(_ step: String, of total: Int) -> @Sendable (_ done: Int, _ total: Int) -> Void {
    tell(.progress(StepProgress(step: step, done: 0, total: total, unit: .images)))
    return { done, total in
      tell(.progress(StepProgress(step: step, done: done, total: total, unit: .images)))
    }
  }
}
