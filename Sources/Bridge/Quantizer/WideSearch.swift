internal import Calibration
internal import FloatReference
private import Glibc
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// In which order to give values 16 bits: at each step those that take most noise from the output for
/// what they add to an inference's cycles, to the arena and to flash, each as a share of what int8 takes.
///
/// Noise of different tensors adds up: their rounding errors know nothing of one another. Costs do not:
/// a sum pays for 16 bits once, whichever of its operands have them. So a step may also be all values
/// around a layer, all of a residual stream, and all in front of the curves or means of one shape.
struct WideSearch {
  /// Where the search has come to.
  struct Step {
    let choice: WideChoice
    /// Noise taken from the output so far, over the power of the output.
    let noise: Double
    /// Cycles over those of int8.
    let cycles: Double
  }

  private let layers: [WideLayer]
  private let costs: WideCosts
  /// What int8 codes leave in the output, over its power, by tensor.
  private let curveNoise: [Int: Double]
  private let tensorNoise: [Int: Double]
  private let groups: [WideChoice]
  private let arena: WideArena
  private let constantBytes: Double
  private let narrowCycles: Double
  private let limits: WideLimits

  /// Bytes of a curve's points less those of a table.
  private static let curveBytes = 258.0
  /// Rates are means: they foretell what 16 bits add to within a tenth on V3-small, a quarter on V2.
  private static let doubt = 1.1
  /// So that what costs nothing has a price.
  private static let leastCost = 1e-6

  /// - Parameters:
  ///   - noise: What the int8 codes of every tensor that may have 16 bits leave in the output.
  ///   - model: The int8 network.
  init(
    _ graph: Graph, _ values: WideValues, noise: [Int: Double], model: QuantizedModel,
    costs: WideCosts, limits: WideLimits
  ) {
    layers = values.layers
    curveNoise = noise.filter { values.curves.contains($0.key) }
    tensorNoise = noise.filter { values.tensors.contains($0.key) }
    groups = values.groups(graph)
    arena = WideArena(graph, model)
    constantBytes = Double(max(model.constantBytes, 1))
    (self.costs, self.limits) = (costs, limits)
    narrowCycles = layers.reduce(1) { $0 + $1.cycles(WideChoice(), costs) }
  }

  /// The steps within the limits, each beside all before it.
  ///
  /// - Returns: Also which limit ended them; `nil` where nothing was left that takes noise away.
  func steps() -> (steps: [Step], limit: WideStop?) {
    var steps: [Step] = []
    var now = WideChoice()
    while true {
      var limit: WideStop?
      var moves: [(price: Double, choice: WideChoice)] = []
      for move in Set(groups.map { $0.subtracting(now) }) where noise(move) > 0 {
        let choice = now.union(move)
        if let most = limits.cycles, cycles(choice) > most {
          limit = .cycles
          continue
        }
        moves.append((noise(move) / max(cost(choice) - cost(now), Self.leastCost), choice))
      }
      moves.sort { ($0.price, order($0.choice)) > ($1.price, order($1.choice)) }
      guard let best = moves.first(where: { arena.fits($0.choice.tensors, limits) }) else {
        return (steps, moves.isEmpty ? limit : .arena)
      }
      now = best.choice
      steps.append(Step(choice: now, noise: noise(now), cycles: cycles(now)))
    }
  }

  /// Tells choices of one price apart, the same way every time.
  private func order(_ choice: WideChoice) -> Int {
    -(choice.tensors.reduce(0) { $0 &+ $1 &* $1 } &+ choice.curves.reduce(0) { $0 &+ $1 })
  }

  private func noise(_ choice: WideChoice) -> Double {
    choice.curves.sorted().reduce(0) { $0 + (curveNoise[$1] ?? 0) }
      + choice.tensors.sorted().reduce(0) { $0 + (tensorNoise[$1] ?? 0) }
  }

  /// Cycles over those of int8.
  private func cycles(_ choice: WideChoice) -> Double {
    1 + Self.doubt * (layers.reduce(1) { $0 + $1.cycles(choice, costs) } / narrowCycles - 1)
  }

  /// Shares of what int8 takes, added up.
  private func cost(_ choice: WideChoice) -> Double {
    let kernels = Set(layers.map { [$0.kernel(choice), $0.family.rawValue] }.filter { $0[0] > 0 })
    let flash =
      Double(choice.curves.count) * Self.curveBytes + Double(kernels.count * costs.kernelBytes)
    return cycles(choice) + arena.bytes(choice.tensors) / arena.bytes([]) + flash / constantBytes
  }
}

/// What an arena with portable kernels takes, with some tensors at 16 bits.
private struct WideArena {
  private let model: QuantizedModel
  /// By layer: the bytes alive with int8.
  private let least: [Int]
  /// Of each graph tensor, its place in the model, and its life there.
  private let lives: [Int: (place: Int, life: Lifetime)]
  private let narrow: Int

  init(_ graph: Graph, _ model: QuantizedModel) {
    self.model = model
    narrow = MemoryPlan(model).arenaBytes
    least = MemoryPlan.leastBytes(model, model.portableMemory)
    let places = Dictionary(
      graph.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    lives = Dictionary(
      model.lifetimes.compactMap { life in
        places[model.tensors[life.tensor].name].map { ($0, (life.tensor, life)) }
      },
      uniquingKeysWith: { first, _ in first })
  }

  /// At least, about.
  func bytes(_ wide: Set<Int>) -> Double {
    var bytes = least
    for life in wide.compactMap({ lives[$0]?.life }) {
      for step in life.steps where bytes.indices.contains(step) { bytes[step] += life.bytes }
    }
    return Double(max(bytes.max() ?? 0, 1))
  }

  /// Whether a plan stays within `limits`.
  func fits(_ wide: Set<Int>, _ limits: WideLimits) -> Bool {
    guard let growth = limits.growth(of: narrow) else { return true }
    let widened = model.widened(Set(wide.compactMap { lives[$0]?.place }))
    let most = narrow + growth
    return MemoryPlan.leastBytes(widened, widened.portableMemory).allSatisfy { $0 <= most }
      && MemoryPlan(widened, goal: most).arenaBytes <= most
  }
}

/// What a search for 16 bits found, judged on images that it did not learn from.
package struct WideReport: Sendable {
  /// A network of the search.
  package struct Network: Sendable {
    /// The power of the output over that of its error, in dB.
    package let ratio: Double
    /// The share of images on which the greatest output is the float network's; `nil` where the output
    /// is no row of classes.
    package let agreement: Double?
    /// Bytes of the arena with portable kernels.
    package let arenaBytes: Int
  }

  /// Images that judged.
  package let images: Int
  /// The ratio that was wanted.
  package let goal: Double
  package let before: Network
  package let after: Network
  /// Cycles over those of int8, about.
  package let cycles: Double
  /// How many values have 16 bits in front of curves, and as tensors.
  package let curves: Int
  package let tensors: Int
  package let stop: WideStop
}

/// What a quantization follows from.
struct QuantizationBasis {
  /// After the passes that rescale it.
  let graph: Graph
  /// By tensor index.
  let statistics: [TensorStatistics]
  /// For int8.
  let evidence: Evidence
  let choices: WeightChoices
}

/// Images, every fourth of which judges where to spend 16 bits and does nothing else; a few of them
/// learn and judge alike.
struct HeldImages {
  let learned: [[Float]]
  let held: [[Float]]
  private static let share = 4

  init(_ images: [[Float]]) {
    guard images.count >= 2 * Self.share else {
      (learned, held) = (images, images)
      return
    }
    learned = images.indices.filter { $0 % Self.share != Self.share - 1 }.map { images[$0] }
    held = stride(from: Self.share - 1, to: images.count, by: Self.share).map { images[$0] }
  }
}

extension Passes {
  /// The values of the network of `basis` that may have 16 bits.
  func wideValues(_ basis: QuantizationBasis) -> WideValues {
    WideValues(
      basis.graph,
      hasCurve: preActivationRanges(of: basis.graph, basis.statistics).map { $0 != nil })
  }

  /// The evidence of `basis` with 16 bits for `choice`.
  func widened(_ basis: QuantizationBasis, _ choice: WideChoice) -> Evidence {
    var evidence = basis.evidence
    let curves = preActivationRanges(of: basis.graph, basis.statistics)
    for tensor in choice.curves { evidence.preActivationRanges[tensor] = curves[tensor] }
    for tensor in choice.tensors {
      let range = CalibrationMethod.minMax.range(basis.statistics[tensor], readBy: nil)
      for shape in basis.graph.shapes(of: tensor) {
        evidence.wideRanges[shape] = Double(range.lowerBound)...Double(range.upperBound)
      }
    }
    return evidence
  }

  /// Where to spend 16 bits within `limits`.
  ///
  /// Noise that was measured tensor by tensor foretells too much or too little, so what was reached is
  /// measured on `held`, and the search goes on from there.
  ///
  /// - Parameters:
  ///   - basis: Of other images than `held`, if there are enough.
  func search(
    _ basis: QuantizationBasis, _ held: [[Float]], _ limits: WideLimits, _ provenance: Provenance,
    _ team: Team, _ progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> (choice: WideChoice, report: WideReport) {
    let trial = WideTrial(
      passes: self, basis: basis, error: OutputError(basis.graph, held, team), limits: limits,
      provenance: provenance, team: team)
    let first = try trial.measured(WideChoice(), progress)
    var found = WideTrial.Found(first: first, best: first)
    let goal = trial.goal(from: first.ratio)
    var stop = WideStop.goal
    if found.best.ratio < goal {
      let values = wideValues(basis)
      let plain = try trial.plain(WideChoice(curves: values.curves))
      let noise = OutputNoise(basis.graph, ranges: basis.evidence.ranges).shares(
        of: Array(values.curves.union(values.tensors)).sorted(), basis.evidence.images
      ) {
        progress(StepProgress(step: "measure tensors", done: $0, total: $1, unit: .images))
      }
      var (steps, limit) = WideSearch(
        basis.graph, values, noise: noise, model: plain, costs: wideCosts, limits: limits
      ).steps()
      let narrow = MemoryPlan(found.best.model).arenaBytes
      // The plan of the layers as they are, where that of int8 does not tell.
      while let last = steps.last, let growth = limits.growth(of: narrow),
        MemoryPlan(try trial.plain(last.choice), goal: narrow + growth).arenaBytes > narrow + growth
      {
        steps.removeLast()
        limit = .arena
      }
      try trial.follow(steps, to: goal, &found, progress)
      stop = found.best.ratio >= goal ? .goal : limit ?? .exhausted
    }
    return (
      found.best.choice,
      WideReport(
        images: held.count, goal: goal, before: trial.network(found.first),
        after: trial.network(found.best), cycles: found.best.cycles,
        curves: found.best.choice.curves.count, tensors: found.best.choice.tensors.count, stop: stop
      )
    )
  }
}

/// Networks made with some values at 16 bits, and judged.
private struct WideTrial {
  let passes: Passes
  let basis: QuantizationBasis
  let error: OutputError
  let limits: WideLimits
  let provenance: Provenance
  let team: Team

  /// How often a choice is measured at most.
  private static let rounds = 5

  /// A choice, what it made and what that reaches.
  struct Measured {
    let choice: WideChoice
    let model: QuantizedModel
    let ratio: Double
    /// Over those of int8.
    var cycles = 1.0
  }

  /// What int8 reaches, and the best.
  struct Found {
    let first: Measured
    var best: Measured
  }

  /// The ratio at which the output is good enough, where int8 reaches `ratio`.
  func goal(from ratio: Double) -> Double {
    switch limits.goal {
    case .ratio(let ratio): ratio
    case .share(let share): ratio - 10 * log10(share)
    }
  }

  /// The network with each weight at its nearest code.
  func plain(_ choice: WideChoice) throws(QuantizationError) -> QuantizedModel {
    try Quantizer.quantize(
      basis.graph, WeightChoices(), passes.widened(basis, choice), provenance: provenance,
      team: team)
  }

  func measured(
    _ choice: WideChoice, _ progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> Measured {
    let model = try Quantizer.quantize(
      basis.graph, basis.choices, passes.widened(basis, choice), provenance: provenance, team: team
    ) {
      progress(StepProgress(step: "try 16 bits", done: $0, total: $1, unit: .work))
    }
    return Measured(choice: choice, model: model, ratio: error.signalToNoise(model))
  }

  /// Goes along `steps` until one reaches `goal`, or to their end.
  func follow(
    _ steps: [WideSearch.Step], to goal: Double, _ found: inout Found,
    _ progress: (StepProgress) -> Void
  ) throws(QuantizationError) {
    var (next, rest, taken) = (0, pow(10, -found.first.ratio / 10), 0.0)
    for round in 1...Self.rounds where next < steps.count {
      let wanted = steps[next...].firstIndex { rest - ($0.noise - taken) <= pow(10, -goal / 10) }
      let step = round < Self.rounds ? wanted ?? steps.count - 1 : steps.count - 1
      var now = try measured(steps[step].choice, progress)
      now.cycles = steps[step].cycles
      if now.ratio > found.best.ratio { found.best = now }
      if now.ratio >= goal { return }
      (next, rest, taken) = (step + 1, pow(10, -now.ratio / 10), steps[step].noise)
    }
  }

  func network(_ measured: Measured) -> WideReport.Network {
    let isClasses = basis.graph.outputs.count == 1 && basis.graph.outputShape.extent.count == 1
    return WideReport.Network(
      ratio: measured.ratio, agreement: isClasses ? error.agreement(measured.model) : nil,
      arenaBytes: MemoryPlan(measured.model).arenaBytes)
  }
}
