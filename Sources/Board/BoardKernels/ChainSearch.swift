package import Boards
package import QuantizedIR
internal import Tensors

/// Looks for the cheapest ways to fit an arena into limits: which neighboring layers to run in chains,
/// and how much of them at a time.
///
/// Between the places where a network may be cut, a part of it runs layer by layer or as a chain. What
/// the arena holds meanwhile depends on that part alone, since all tensors at cuts are whole: so the
/// cheapest parts whose arenas fit are a shortest path.
struct ChainSearch {
  private let whole: FusedLookups
  private let uses: TensorUses
  /// Bytes alive while each layer runs as a whole.
  private let needed: [Int]
  /// Layers in front of which the network may be cut.
  private let cuts: [Int]
  private let lifetimes: [Lifetime]

  private var model: QuantizedModel { whole.model }

  /// Of an inference layer by layer, about.
  var instructions: Int {
    model.layers.reduce(0) { $0 + $1.operation.board.instructions }
  }

  /// A way to run a network.
  struct Candidate {
    let chains: [Chain]
    /// Bytes of the arena, about.
    let bytes: Int
    /// Instructions beyond those of whole layers, about.
    let cost: Int
  }

  /// A part of the network, from one cut to another.
  private struct Part {
    let from: Int
    let to: Int
    /// `nil` for layer by layer.
    let chain: Chain?
    let bytes: Int
    let cost: Int
  }

  /// Bytes of output that layers of a chain make at a time: all rows one by one, or more of them where
  /// they are short.
  private static let stepBytes = [1, 512, 1024, 2048, 4096, 8192, 16384, 32768]

  init(_ whole: FusedLookups) {
    self.whole = whole
    uses = TensorUses(whole.model)
    needed = MemoryPlan.leastBytes(whole.model, whole.kernels.map(\.memory))
    lifetimes = whole.model.lifetimes
    let count = whole.model.layers.count
    let held = (0...count).map { cut in
      whole.model.lifetimes.reduce(0) { sum, lifetime in
        lifetime.steps.contains(cut - 1) && lifetime.steps.contains(cut)
          ? sum + lifetime.bytes : sum
      }
    }
    cuts = (0...count).filter { cut in
      cut == 0 || cut == count || held[cut] <= min(held[cut - 1], held[cut + 1])
    }
  }

  /// The candidates of which none is beaten in both bytes and cost, cheapest first.
  func front() -> [Candidate] {
    let parts = self.parts()
    var front: [Candidate] = []
    for limit in Set(parts.map(\.bytes)).sorted(by: >)
    where limit < front.last?.bytes ?? .max {
      guard let candidate = cheapest(parts, limit: limit) else { break }
      if let last = front.last, last.cost == candidate.cost { front.removeLast() }
      front.append(candidate)
    }
    return front
  }

  /// The cheapest way whose parts all keep to `limit`; `nil` where there is none.
  private func cheapest(_ parts: [Part], limit: Int) -> Candidate? {
    var best: [Int: (cost: Int, bytes: Int, chains: [Chain])] = [0: (0, 0, [])]
    // Parts come in the order of where they begin.
    for part in parts where part.bytes <= limit {
      guard let before = best[part.from] else { continue }
      let (cost, bytes) = (before.cost + part.cost, max(before.bytes, part.bytes))
      if let known = best[part.to], (known.cost, known.bytes) <= (cost, bytes) { continue }
      best[part.to] = (cost, bytes, before.chains + (part.chain.map { [$0] } ?? []))
    }
    return best[model.layers.count].map {
      Candidate(chains: $0.chains, bytes: $0.bytes, cost: $0.cost)
    }
  }

  private func parts() -> [Part] {
    var calls: [PartKey: Call] = [:]
    var parts: [Part] = []
    for (index, from) in cuts.enumerated().dropLast() {
      let next = cuts[index + 1]
      parts.append(
        Part(from: from, to: next, chain: nil, bytes: needed[from..<next].max() ?? 0, cost: 0))
      for to in cuts[(index + 1)...] {
        guard (from..<to).allSatisfy(model.hasRows) else { break }
        guard to - from > 1 else { continue }
        for bytes in Self.stepBytes {
          let chain = Chain(layers: from..<to, stepBytes: bytes)
          guard let part = part(chain, &calls) else { continue }
          parts.append(part)
        }
      }
    }
    return parts
  }

  /// What a call of a kernel takes.
  private struct Call {
    let scratchBytes: Int
    let instructions: Int
  }

  /// - Parameter calls: Those that are known.
  private func part(_ chain: Chain, _ calls: inout [PartKey: Call]) -> Part? {
    guard let play = ChainPlay(chain, of: model, uses) else { return nil }
    var alive = [Int](repeating: 0, count: play.steps.count + 1)
    for ring in play.rings.values {
      let bytes = (ring.capacity * ring.rowBytes + 3) / 4 * 4
      for span in ring.alive {
        alive[span.lowerBound] += bytes
        alive[span.upperBound + 1] -= bytes
      }
    }
    var (sum, most, cost) = (0, 0, 0)
    for (index, step) in play.steps.enumerated() {
      sum += alive[index]
      let key = PartKey(step)
      let call = calls[key] ?? self.call(step)
      calls[key] = call
      most = max(most, sum + call.scratchBytes)
      cost += call.instructions
    }
    for layer in chain.layers {
      cost -= model.layers[layer].operation.board.instructions
    }
    return Part(
      from: chain.layers.lowerBound, to: chain.layers.upperBound, chain: chain,
      bytes: most + outside(play, chain), cost: cost + moved(play))
  }

  private func call(_ step: ChainPlay.Step) -> Call {
    Call(
      scratchBytes: whole.kernels[step.layer].part(step.part.operation).memory.scratchBytes,
      instructions: step.part.operation.board.instructions)
  }

  /// Bytes that move within rings, as instructions.
  private func moved(_ play: ChainPlay) -> Int {
    play.rings.values.reduce(0) { $0 + $1.movedBytes / 3 }
  }

  /// Bytes of whole tensors while a chain runs, with what it writes over what it has read where that
  /// is two tensors.
  private func outside(_ play: ChainPlay, _ chain: Chain) -> Int {
    let (first, last) = (chain.layers.lowerBound, chain.layers.upperBound - 1)
    let tensors = lifetimes.filter {
      $0.steps.overlaps(first...last) && play.rings[$0.tensor] == nil
    }
    let sum = tensors.reduce(0) { $0 + ($1.bytes + 3) / 4 * 4 }
    let read = tensors.filter { $0.steps.lowerBound < first && $0.steps.upperBound <= last }
    let written = tensors.filter { $0.steps.lowerBound >= first }
    guard read.count == 1, written.count == 1 else { return sum }
    let distance = play.distance(from: read[0].tensor, to: written[0].tensor)
    return sum - max(0, min(written[0].bytes - max(distance, 0), read[0].bytes))
  }
}

/// What tells the parts of a model's layers apart: where they have windows, not their weights.
struct PartKey: Hashable {
  private let layer: Int
  private let rows: Int
  private let inputs: [Int?]
  private let window: Window?
  /// Without a window, all of it.
  private let other: Operation?

  init(_ step: ChainPlay.Step) {
    self.init(layer: step.layer, step.rows, step.part.operation, step.part.inputs)
  }

  init(layer: Int, _ rows: Range<Int>, _ operation: Operation, _ inputs: [Range<Int>?] = []) {
    self.layer = layer
    self.rows = rows.count
    self.inputs = inputs.map { $0?.count }
    window = (operation.narrow.traits as? any Windowed)?.window
    other = window == nil ? operation : nil
  }
}

extension BoardSchedule {
  /// An arena that a network may have, and what that costs.
  package struct ArenaPoint: Hashable, Encodable, Sendable {
    package let arenaBytes: Int
    /// What an inference takes, about, as a share of what it takes layer by layer.
    package let instructions: Double
    /// How many layers run in chains.
    package let chainedLayers: Int
  }

  /// Arenas of `model` from that of whole layers to the smallest one found, each with fewer
  /// instructions than the next.
  ///
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package static func arenas(
    of model: QuantizedModel, for instructionSet: InstructionSet
  ) throws(ScheduleError) -> [ArenaPoint] {
    let layers = try WholeLayers(model, for: instructionSet)
    let search = ChainSearch(layers.fused)
    let front = search.front()
    let count = min(front.count, 10)
    var points = [ArenaPoint(arenaBytes: layers.plan.arenaBytes, instructions: 1, chainedLayers: 0)]
    for index in 0..<count {
      let candidate = front[count == 1 ? 0 : index * (front.count - 1) / (count - 1)]
      guard let chained = ChainedModel(layers.fused.model, candidate.chains),
        let last = points.last
      else { continue }
      let schedule = try BoardSchedule(layers, candidate.chains, chained, goal: candidate.bytes)
      guard schedule.plan.arenaBytes < last.arenaBytes else { continue }
      points.append(
        ArenaPoint(
          arenaBytes: schedule.plan.arenaBytes,
          instructions: 1 + Double(candidate.cost) / Double(max(search.instructions, 1)),
          chainedLayers: candidate.chains.reduce(0) { $0 + $1.layers.count }))
    }
    return points
  }
}
