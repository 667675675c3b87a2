internal import Calibration
private import Foundation
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Passes {
  /// The int8 model where its output is good enough, otherwise the one with 16-bit codes where they
  /// pay most: in front of every h-swish first, which takes no RAM, and then tensor by tensor; with
  /// the evidence that it follows from.
  ///
  /// - Parameters:
  ///   - choices: How weights become integers, whatever the width of codes.
  ///   - evidence: For int8.
  ///   - statistics: By tensor index.
  ///   - growth: By how many bytes the arena may grow; `nil` for any number.
  func widened(
    _ graph: Graph, _ choices: WeightChoices, _ evidence: Evidence,
    _ statistics: [TensorStatistics], growth: Int?, _ provenance: Provenance,
    _ progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> (QuantizedModel, Evidence) {
    func model(_ evidence: Evidence) throws(QuantizationError) -> QuantizedModel {
      try Quantizer.quantize(graph, choices, evidence, provenance: provenance) {
        progress(StepProgress(step: "quantize", done: $0, total: $1, unit: .work))
      }
    }
    let narrow = try model(evidence)
    let error = OutputError(graph, evidence.images)
    let ratio = error.signalToNoise(narrow)
    guard ratio < WideSearch.goal else { return (narrow, evidence) }
    var best = (model: narrow, evidence: evidence, ratio: ratio)
    /// Whether codes of `evidence` leave less noise than the best ones so far.
    func improves(_ evidence: Evidence) throws(QuantizationError) -> Bool {
      let model = try model(evidence)
      let ratio = error.signalToNoise(model)
      guard ratio > best.ratio else { return false }
      best = (model, evidence, ratio)
      return true
    }
    var curved = evidence
    curved.preActivationRanges = preActivationRanges(of: graph, statistics)
    if curved.preActivationRanges.contains(where: { $0 != nil }) { _ = try improves(curved) }
    guard best.ratio < WideSearch.goal else { return (best.model, best.evidence) }

    let search = WideSearch(
      model: try Quantizer.quantize(
        graph, WeightChoices(), best.evidence, provenance: provenance),
      arenaLimit: growth.map { MemoryPlan(narrow).arenaBytes + $0 })
    let candidates = candidates(graph, best.evidence) {
      progress(StepProgress(step: "measure tensors", done: $0, total: $1, unit: .images))
    }
    var chosen: [WideSearch.Candidate] = []
    // Noise that was measured tensor by tensor foretells too much where the rounding of weights
    // makes up for some of it, so what was reached is measured, and the search goes on from there.
    for _ in 0..<WideSearch.rounds where best.ratio < WideSearch.goal {
      let more = search.chosen(candidates, noise: pow(10, -best.ratio / 10), beside: chosen)
      guard !more.isEmpty else { break }
      chosen += more
      var wide = best.evidence
      for tensor in more.map(\.tensor) {
        let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: nil)
        for shape in graph.shapes(of: tensor) {
          wide.wideRanges[shape] = Double(range.lowerBound)...Double(range.upperBound)
        }
      }
      guard try improves(wide) else { break }
    }
    return (best.model, best.evidence)
  }

  /// The tensors that may be widened beside those in front of curves.
  private func candidates(
    _ graph: Graph, _ evidence: Evidence, progress: (Int, Int) -> Void
  ) -> [WideSearch.Candidate] {
    let hasCurve = evidence.preActivationRanges.map { $0 != nil }
    let tensors = graph.wideCandidates(graph.fusions(hasCurve: hasCurve))
    let shares = OutputNoise(graph, ranges: evidence.ranges).shares(
      of: tensors, evidence.images, progress: progress)
    return zip(tensors, shares).map { tensor, share in
      WideSearch.Candidate(
        tensor: tensor, name: graph.tensors[tensor].name,
        bytes: graph.tensors[tensor].shape.count, noise: share)
    }
  }
}
