import Foundation
import PlainNetworks
import QuantizedIR

/// What runs in a process of its own, since a network may end it.
enum Child {
  /// A network that takes longer hangs: of a processor, since other programs may have it, and of the
  /// clock, since what waits takes no time of a processor.
  private static let seconds = (processor: 60, clock: UInt32(1_800))

  /// Even seeds are ONNX networks, odd ones int8 TensorFlow Lite networks.
  static func models(seed: UInt64, without: Set<Int>) throws -> [QuantizedModel] {
    seed % 2 == 0
      ? try ONNXNetwork(seed: seed, without: without).models()
      : [try TFLiteNetwork(seed: seed, without: without).model()]
  }

  static func description(seed: UInt64, without: Set<Int>) -> String {
    seed % 2 == 0
      ? ONNXNetwork(seed: seed, without: without).sketch.description
      : TFLiteNetwork(seed: seed, without: without).sketch.description
  }

  static func moves(seed: UInt64) -> Int {
    seed % 2 == 0
      ? ONNXGenerator.sketch(seed: seed, without: []).moves
      : TFLiteGenerator.sketch(seed: seed, without: []).moves
  }

  /// Runs the networks of `seeds` and prints a line before and after each; their firmware is
  /// written to `folder`.
  static func run(
    _ seeds: some Sequence<UInt64>, without: Set<Int>, in folder: URL, spoils: Bool
  ) {
    let batch = FirmwareBatch(folder: folder, isSpoiled: spoils)
    for seed in seeds {
      print("start \(seed)")
      fflush(nil)
      limitTime()
      switch outcome(seed, without, batch) {
      case .whole: print("whole \(seed)")
      case .refused(let sentence): print("refused \(seed) \(sentence)")
      case .failed(let stage, let what): print("failed \(seed) \(stage): \(what)")
      }
      fflush(nil)
    }
  }

  /// Ends the process with `SIGPROF` or `SIGALRM` where what follows hangs.
  private static func limitTime() {
    var timer = itimerval()
    timer.it_value.tv_sec = seconds.processor
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    alarm(seconds.clock)
  }

  private static func outcome(
    _ seed: UInt64, _ without: Set<Int>, _ batch: FirmwareBatch
  ) -> Outcome {
    do {
      let checks = try models(seed: seed, without: without).map { ModelChecks($0, seed: seed) }
      for check in checks { try check.run() }
      try batch.add(checks[0])
      return .whole
    } catch let error as Failure {
      return .failed(stage: error.stage, what: error.what)
    } catch let error as Refusal {
      return .refused(error.sentence)
    } catch {
      return .failed(stage: "harness", what: "\(error)")
    }
  }
}
