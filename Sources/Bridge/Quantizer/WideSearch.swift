internal import Calibration
internal import FloatReference
private import Glibc
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Which tensors to give 16-bit codes: those whose int8 codes cost the output most for every byte
/// that the wider ones take, while the arena stays within its limit and until the output is good
/// enough.
///
/// Noise of different tensors adds up: their rounding errors know nothing of one another.
struct WideSearch {
  /// A tensor that may have 16-bit codes.
  struct Candidate {
    /// In the graph.
    let tensor: Int
    let name: String
    /// What 16 bits add.
    let bytes: Int
    /// What int8 codes leave in the output, over the power of the output.
    let noise: Double
  }

  /// An output of this many dB is good enough, and int8 that reaches it stays as it is.
  static let goal = 30.0
  /// A tensor that brings fewer dB than this is not worth its bytes and cycles.
  static let leastGain = 0.1
  /// How often tensors are added at most, each time by what the last ones left.
  static let rounds = 4

  /// The int8 model to widen: its layers and tensors; its constants do not matter.
  let model: QuantizedModel
  /// The most bytes that the arena with portable kernels may take; `nil` for any number.
  let arenaLimit: Int?

  /// The chosen ones among `candidates`, best first.
  ///
  /// - Parameters:
  ///   - noise: That of the output before, over its power.
  ///   - before: Those chosen already, which are not chosen again.
  func chosen(
    _ candidates: [Candidate], noise: Double, beside before: [Candidate]
  ) -> [Candidate] {
    var rest = noise
    var found: [Candidate] = []
    let excluded = Set(before.map(\.tensor))
    let names = Set(model.tensors.map(\.name))
    let order = candidates.filter { !excluded.contains($0.tensor) && names.contains($0.name) }
      .sorted { $0.noise * Double($1.bytes) > $1.noise * Double($0.bytes) }
    for candidate in order where rest > pow(10, -Self.goal / 10) {
      // What is left is never less than nothing, whatever the measurements add up to.
      let less = max(rest - candidate.noise, rest / 1000)
      guard 10 * log10(rest / less) >= Self.leastGain, fits(before + found + [candidate]) else {
        continue
      }
      found.append(candidate)
      rest = less
    }
    if let arenaLimit {
      while !found.isEmpty, plan(before + found).arenaBytes > arenaLimit { found.removeLast() }
    }
    return found
  }

  private func plan(_ candidates: [Candidate]) -> MemoryPlan {
    MemoryPlan(widened(candidates), goal: arenaLimit ?? 0)
  }

  /// Whether some plan may fit.
  private func fits(_ candidates: [Candidate]) -> Bool {
    guard let arenaLimit else { return true }
    let wide = widened(candidates)
    return MemoryPlan.leastBytes(wide, wide.portableMemory).allSatisfy { $0 <= arenaLimit }
  }

  private func widened(_ candidates: [Candidate]) -> QuantizedModel {
    let names = Set(candidates.map(\.name))
    let tensors = model.tensors.indices.filter { names.contains(model.tensors[$0].name) }
    return model.widened(Set(tensors))
  }
}

extension Graph {
  /// The tensors that may have 16-bit codes: neither input nor output of the network, written and
  /// read by layers with a 16-bit form alone. One that is only reshaped stands for all its shapes.
  ///
  /// - Parameter fusions: The activations that are no layers of their own.
  func wideCandidates(_ fusions: [Int: Fusion]) -> [Int] {
    let fused = Set(fusions.values.map(\.node))
    return nodes.indices.compactMap { position in
      let node = nodes[position]
      let tensor = fusions[position]?.output ?? node.output
      guard !fused.contains(position), node.operation.quantizable.hasWideForm, !isReshape(position),
        hasWideReaders(tensor)
      else { return nil }
      return tensor
    }
  }

  /// `tensor` and every tensor that is the same values in another shape.
  func shapes(of tensor: Int) -> [Int] {
    [tensor] + consumers(of: tensor).filter(isReshape).flatMap { shapes(of: nodes[$0].output) }
  }

  private func isReshape(_ position: Int) -> Bool {
    nodes[position].operation.traits.keepsValues
  }

  private func hasWideReaders(_ tensor: Int) -> Bool {
    !outputs.contains(tensor)
      && consumers(of: tensor).allSatisfy { reader in
        if isReshape(reader) { return hasWideReaders(nodes[reader].output) }
        return nodes[reader].operation.quantizable.readsWide(tensors[tensor].shape)
      }
  }
}

/// The noise that the codes of a tensor leave in the network's output, measured with that tensor
/// alone rounded to int8 and all others real.
struct OutputNoise {
  private let graph: Graph
  private let reference: FloatReference
  /// By tensor index.
  private let parameters: [AffineParameters]

  /// At most this many images are looked at, spread evenly.
  private static let imageCount = 64

  /// - Parameter ranges: What the int8 codes cover, by tensor index.
  init(_ graph: Graph, ranges: [ClosedRange<Double>]) {
    self.graph = graph
    reference = FloatReference(graph)
    parameters = ranges.map(AffineParameters.init(covering:))
  }

  /// The power of the noise of each of `tensors`, over the power of the output.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network.
  ///   - progress: Called with the number of images done, and of all.
  func shares(
    of tensors: [Int], _ images: [[Float]], progress: (Int, Int) -> Void
  ) -> [Double] {
    var (noise, signal) = ([Double](repeating: 0, count: tensors.count), 0.0)
    let arena = reference.makeArena()
    let used = min(images.count, Self.imageCount)
    for number in 0..<used {
      let activations = reference.activations(images[number * images.count / used], in: arena)
      let exact = graph.outputs.flatMap { activations[$0] }
      signal += exact.reduce(0) { $0 + Double($1) * Double($1) }
      for (index, tensor) in tensors.enumerated() {
        let output = reference.output(
          replacing: tensor, with: parameters[tensor].rounded(activations[tensor]),
          in: activations, arena)
        noise[index] += zip(output, exact).reduce(0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
      }
      progress(number + 1, used)
    }
    return noise.map { signal > 0 ? $0 / signal : 0 }
  }
}

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
    _ team: Team, _ progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> (QuantizedModel, Evidence) {
    func model(_ evidence: Evidence) throws(QuantizationError) -> QuantizedModel {
      try Quantizer.quantize(graph, choices, evidence, provenance: provenance, team: team) {
        progress(StepProgress(step: "quantize", done: $0, total: $1, unit: .work))
      }
    }
    let narrow = try model(evidence)
    let error = OutputError(graph, evidence.images, team)
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
