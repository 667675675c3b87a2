internal import Calibration
internal import NetworkGraph
internal import QuantizedIR

extension Passes {
  /// The candidate whose output is nearest to the float network's on images held back: each half
  /// of the images judges what was made with the other half.
  ///
  /// - Parameter progress: Called with the share of the work done, and all of it.
  func chosen(
    _ graph: Graph, _ evidence: Evidence, _ provenance: Provenance, progress: (Int, Int) -> Void
  ) throws(QuantizationError) -> WeightChoices {
    let candidates = candidates
    guard candidates.count > 1, evidence.images.count > 1 else { return candidates[0] }
    var noise = [Double](repeating: 0, count: candidates.count)
    let halves = (0..<2).map { (evidence.images.count + 1 - $0) / 2 }
    let works = halves.map { half in
      candidates.map { QuantizationWork(graph, $0, images: half) }
    }
    // Beside the candidates, runs of the float network on either half and of each model.
    let runs = works.map { $0[0].run }
    let total =
      works.joined().reduce(0) { $0 + $1.total } + (2 + candidates.count) * runs.reduce(0, +)
    var done = 0
    for half in 0..<2 {
      let learned = evidence.half(half, graph)
      let error = OutputError(graph, evidence.half(1 - half))
      done += runs[0] + runs[1]
      progress(done, total)
      for (index, candidate) in candidates.enumerated() {
        let before = done
        let model = try Quantizer.quantize(graph, candidate, learned, provenance: provenance) {
          share, _ in progress(before + share, total)
        }
        noise[index] += error.noise(model)
        done += works[half][index].total + runs[1 - half]
        progress(done, total)
      }
    }
    let best = noise.indices.min { noise[$0] < noise[$1] } ?? 0
    return candidates[best]
  }
}

extension Evidence {
  /// Every second image, from the one at `first`.
  fileprivate func half(_ first: Int) -> [[Float]] {
    stride(from: first, to: images.count, by: 2).map { images[$0] }
  }

  /// What every second image tells of means, which biases are corrected by; ranges and tables
  /// stay, as they are the same for every candidate.
  fileprivate func half(_ first: Int, _ graph: Graph) -> Evidence {
    var half = self
    half.images = self.half(first)
    half.channelMeans = graph.statistics(half.images) { _, _ in }.map(\.channelMean)
    return half
  }
}
