internal import Calibration
private import Foundation
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Passes {
  /// The int8 model where its output is good enough, otherwise the one with 16-bit codes where they
  /// pay most: in front of every h-swish first, which takes no RAM, and then tensor by tensor.
  ///
  /// - Parameters:
  ///   - evidence: For int8.
  ///   - statistics: By tensor index.
  ///   - growth: By how many bytes the arena may grow; `nil` for any number.
  func widened(
    _ graph: Graph, _ evidence: Evidence, _ statistics: [TensorStatistics], growth: Int?,
    _ provenance: Provenance, _ progress: (String, Int, Int) -> Void
  ) throws(QuantizationError) -> QuantizedModel {
    let narrow = try best(graph, evidence, provenance, progress)
    let error = OutputError(graph, evidence.images)
    let ratio = error.signalToNoise(narrow)
    guard ratio < WideSearch.goal else { return narrow }
    var wide = evidence
    wide.preActivationRanges = preActivationRanges(of: graph, statistics)
    let limit = growth.map { MemoryPlan(narrow).arenaBytes + $0 }
    let tensors = try wideTensors(
      graph, wide, noise: pow(10, -ratio / 10), arenaLimit: limit, provenance
    ) { progress("measure tensors", $0, $1) }
    for tensor in tensors {
      let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: nil)
      for shape in graph.shapes(of: tensor) {
        wide.wideRanges[shape] = Double(range.lowerBound)...Double(range.upperBound)
      }
    }
    let model = try best(graph, wide, provenance, progress)
    return error.signalToNoise(model) > ratio ? model : narrow
  }

  /// The tensors to widen beside those in front of curves.
  private func wideTensors(
    _ graph: Graph, _ evidence: Evidence, noise: Double, arenaLimit: Int?,
    _ provenance: Provenance, progress: (Int, Int) -> Void
  ) throws(QuantizationError) -> [Int] {
    let hasCurve = evidence.preActivationRanges.map { $0 != nil }
    let tensors = graph.wideCandidates(graph.fusions(hasCurve: hasCurve))
    let curves = hasCurve.indices.filter { hasCurve[$0] }
    let shares = OutputNoise(graph, ranges: evidence.ranges).shares(
      of: tensors + curves, evidence.images, progress: progress)
    let search = WideSearch(
      model: try Quantizer.quantize(graph, WeightChoices(), evidence, provenance: provenance),
      arenaLimit: arenaLimit)
    let candidates = zip(tensors, shares).map { tensor, share in
      WideSearch.Candidate(
        tensor: tensor, name: graph.tensors[tensor].name,
        bytes: graph.tensors[tensor].shape.count, noise: share)
    }
    let free = shares[tensors.count...].reduce(0, +)
    return search.chosen(candidates, noise: max(noise - free, noise / 1000))
  }
}
