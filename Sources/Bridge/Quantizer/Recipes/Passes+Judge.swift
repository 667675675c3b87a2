internal import Calibration
internal import Engines
internal import FloatReference
private import Foundation
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

/// How far int8 networks' outputs are from the float network's on some images.
struct OutputError {
  private let images: [[Float]]
  /// What the float network makes of each.
  private let exact: [[Float]]

  init(_ graph: Graph, _ images: [[Float]]) {
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    self.images = images
    exact = images.map { reference.run($0, in: arena) }
  }

  /// The power of the float outputs over the power of the difference, in dB.
  func signalToNoise(_ model: QuantizedModel) -> Double {
    let signal = exact.joined().reduce(0) { $0 + Double($1) * Double($1) }
    let noise = noise(model)
    return noise > 0 ? 10 * log10(signal / noise) : .infinity
  }

  /// The power of the difference, in squared units of the output.
  func noise(_ model: QuantizedModel) -> Double {
    var runtime = BoundModel.host(model).makeArena()
    var noise = 0.0
    for (image, exact) in zip(images, exact) {
      let codes = runtime.run(
        model.inputCodes(image) { tensor, values in values.map { tensor.code(Double($0)) } })
      for (real, int8) in zip(exact, model.outputReals(codes)) {
        let difference = Double(real) - int8
        noise += difference * difference
      }
    }
    return noise
  }
}
