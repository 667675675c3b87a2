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
    model.layers.indices.reduce(0) { sum, layer in
      layer == whole.arrival ? sum : sum + model.layers[layer].operation.board.instructions
    }
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
    uses = TensorUses(whole.model, arrival: whole.arrival)
    needed = MemoryPlan.leastBytes(whole.model, whole.kernels.map(\.memory))
    let image = whole.arrival.map { whole.model.layers[$0].inputs[0] }
    let lifetimes = whole.model.lifetimes.filter { $0.tensor != image }
    self.lifetimes = lifetimes
    let count = whole.model.layers.count
    let held = (0...count).map { cut in
      lifetimes.reduce(0) { sum, lifetime in
        lifetime.steps.contains(cut - 1) && lifetime.steps.contains(cut)
          ? sum + lifetime.bytes : sum
      }
    }
    // Behind the layer that takes rows alone all others can run as wholes.
    let arrived = whole.arrival.map { $0 + 1 } ?? 0
    cuts = (0...count).filter { cut in
      cut == 0 || cut == count || cut == arrived || held[cut] <= min(held[cut - 1], held[cut + 1])
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
      let takesRows = whole.arrival.map { (from..<next).contains($0) } ?? false
      if !takesRows {
        parts.append(
          Part(from: from, to: next, chain: nil, bytes: needed[from..<next].max() ?? 0, cost: 0))
      }
      for to in cuts[(index + 1)...] {
        guard (from..<to).allSatisfy(model.hasRows) else { break }
        guard to - from > 1 || takesRows else { continue }
        for bytes in Self.stepBytes {
          let chain = Chain(layers: from..<to, stepBytes: bytes)
          guard let part = part(chain, &calls) else { continue }
          parts.append(part)
        }
      }
    }
    return parts
  }

  /// The same with more rows at a time where that saves most for the bytes that it takes, up to `limit`.
  func refined(_ candidate: Candidate, limit: Int) -> Candidate {
    var calls: [PartKey: Call] = [:]
    var (bytes, cost) = (candidate.bytes, candidate.cost)
    let chains = candidate.chains.map { chain in
      guard var best = part(chain, &calls) else { return chain }
      cost -= best.cost
      while let next = better(than: best, limit, &calls) { best = next }
      cost += best.cost
      bytes = max(bytes, best.bytes)
      return best.chain ?? chain
    }
    return Candidate(chains: chains, bytes: bytes, cost: cost)
  }

  /// `part` with a step less of the layer where that saves most; `nil` where nothing does, or fits.
  private func better(
    than part: Part, _ limit: Int, _ calls: inout [PartKey: Call]
  ) -> Part? {
    guard let chain = part.chain else { return nil }
    var best: (part: Part, gain: Double)?
    for layer in chain.layers where layer != whole.arrival {
      guard let longer = chain.withFewerSteps(of: layer, in: model),
        let next = self.part(longer, &calls), next.bytes <= limit, next.cost < part.cost
      else { continue }
      let gain = Double(part.cost - next.cost) / Double(max(next.bytes - part.bytes, 1))
      if gain > best?.gain ?? 0 { best = (next, gain) }
    }
    return best?.part
  }

  /// What a call of a kernel takes.
  private struct Call {
    let scratchBytes: Int
    let overlaps: [Overlap]
    let instructions: Int
  }

  /// - Parameter calls: Those that are known.
  private func part(_ chain: Chain, _ calls: inout [PartKey: Call]) -> Part? {
    // A step a layer is no chain.
    let play = ChainPlay(chain, of: model, uses) { call($0, &calls).overlaps }
    guard let play,
      play.steps.count > chain.layers.count || uses.takesRows(chain.layers)
    else { return nil }
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
      most = max(most, sum)
      guard step.layer != whole.arrival else { continue }
      let call = call(step, &calls)
      most = max(most, sum + call.scratchBytes)
      cost += call.instructions
    }
    for layer in chain.layers where layer != whole.arrival {
      cost -= model.layers[layer].operation.board.instructions
    }
    return Part(
      from: chain.layers.lowerBound, to: chain.layers.upperBound, chain: chain,
      bytes: most + outside(play, chain), cost: cost + moved(play))
  }

  private func call(_ step: ChainPlay.Step, _ calls: inout [PartKey: Call]) -> Call {
    let key = PartKey(step)
    if let call = calls[key] { return call }
    let memory = whole.memory(step)
    let call = Call(
      scratchBytes: memory.scratchBytes, overlaps: memory.overlaps,
      instructions: step.part.operation.board.instructions)
    calls[key] = call
    return call
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
      $0.steps.overlaps(first...last) && !play.hasRowsAlone(of: $0.tensor)
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

extension ChainedModel {
  init?(_ layers: WholeLayers, _ chains: [Chain], shortened: Int? = nil) {
    self.init(layers.model, chains, arrival: layers.fused.arrival, shortened: shortened) {
      layers.fused.memory($0).overlaps
    }
  }
}

/// The schedules of a network that fit limits of its arena.
package struct ArenaSearch {
  private let model: QuantizedModel
  private let instructionSet: InstructionSet
  private let input: InputArrival
  private let layers: WholeLayers
  private let search: ChainSearch
  private let front: [ChainSearch.Candidate]

  /// How many of the candidates next to a limit are planned.
  private static let tries = 4

  /// - Parameters:
  ///   - room: Bytes that the arena may take for the sake of time.
  ///   - input: How the image comes.
  /// - Throws: `ScheduleError.noLayers`, `.noRows`.
  package init(
    _ model: QuantizedModel, for instructionSet: InstructionSet, room: Int = 0,
    input: InputArrival = .whole
  ) throws(ScheduleError) {
    (self.model, self.instructionSet, self.input) = (model, instructionSet, input)
    layers = try WholeLayers(model, for: instructionSet, room: room, input: input, groups: true)
    search = ChainSearch(layers.fused)
    front = search.front()
  }

  /// The cheapest schedule found that keeps to `limit`.
  ///
  /// - Throws: `ScheduleError.arenaLimit`, `.constantLayer`.
  package func best(_ limit: ArenaLimit) throws(ScheduleError) -> BoardSchedule {
    if let bytes = limit.bytes, let schedule = try cheapest(within: bytes) { return schedule }
    guard let least = try smallest() else { throw .noRows(model: model.name) }
    let bytes = least.plan.arenaBytes
    if let limit = limit.bytes, bytes > limit { throw .arenaLimit(limit, smallest: bytes) }
    return try cheapest(within: bytes) ?? least
  }

  /// The cheapest schedule of candidates next to `limit` whose arena keeps to it; `nil` for none.
  private func cheapest(within limit: Int) throws(ScheduleError) -> BoardSchedule? {
    // What the search takes for the arena's size is a little off.
    let near = front.filter { $0.bytes > limit && $0.bytes - limit <= limit / 8 }
    let fitting = front.filter { $0.bytes <= limit }.prefix(Self.tries)
    let refined = fitting.flatMap { candidate in
      [limit, limit - limit / 32].filter { $0 >= candidate.bytes }
        .map { search.refined(candidate, limit: $0) }
    }
    let candidates = near.suffix(Self.tries) + fitting + refined
    for candidate in candidates.sorted(by: { $0.cost < $1.cost }) {
      let schedule = try schedule(candidate.chains, goal: limit)
      if let schedule, schedule.plan.arenaBytes <= limit { return schedule }
    }
    return nil
  }

  /// The schedule with the smallest arena; that of whole layers among them, behind the image's rows where
  /// it comes by rows; `nil` for none.
  private func smallest() throws(ScheduleError) -> BoardSchedule? {
    var smallest: BoardSchedule?
    if let arrival = layers.fused.arrival {
      smallest = try schedule([Chain(layers: arrival..<arrival + 1, stepBytes: 1)])
    } else {
      smallest = try BoardSchedule(whole: layers)
    }
    for candidate in front.suffix(Self.tries) {
      let schedule = try schedule(candidate.chains)
      if let schedule, schedule.plan.arenaBytes < smallest?.plan.arenaBytes ?? .max {
        smallest = schedule
      }
    }
    return smallest
  }

  /// With `chains`; `nil` where a layer of them has no rows.
  private func schedule(
    _ chains: [Chain], goal: Int = 0
  ) throws(ScheduleError) -> BoardSchedule? {
    guard let chained = ChainedModel(layers, chains) else { return nil }
    return try BoardSchedule(layers, chains, chained, goal: goal)
  }

  /// Arenas from that of whole layers to the smallest one found, each with fewer instructions than the
  /// next.
  ///
  /// - Throws: `ScheduleError.constantLayer`.
  package func points() throws(ScheduleError) -> [ArenaPoint] {
    var points: [ArenaPoint] = []
    if input == .whole {
      let whole = try BoardSchedule(whole: WholeLayers(model, for: instructionSet))
      points.append(ArenaPoint(whole, instructions: 1))
    }
    let count = min(front.count, 10)
    for index in 0..<count {
      let coarse = front[count == 1 ? 0 : index * (front.count - 1) / (count - 1)]
      let candidate = search.refined(coarse, limit: coarse.bytes)
      let schedule = try schedule(candidate.chains, goal: candidate.bytes)
      guard let schedule, schedule.plan.arenaBytes < points.last?.arenaBytes ?? .max else {
        continue
      }
      let instructions = 1 + Double(candidate.cost) / Double(max(search.instructions, 1))
      points.removeAll { $0.instructions >= instructions && $0.chainedLayers > 0 }
      points.append(ArenaPoint(schedule, instructions: instructions))
    }
    return points
  }
}

/// An arena that a network may have, and what that costs.
package struct ArenaPoint: Hashable, Encodable, Sendable {
  package let arenaBytes: Int
  /// Bytes of tables, those of more rows of the layer table included.
  package let tableBytes: Int
  /// What an inference takes, about, as a share of what it takes layer by layer.
  package let instructions: Double
  /// How many layers run in chains.
  package let chainedLayers: Int

  fileprivate init(_ schedule: BoardSchedule, instructions: Double) {
    arenaBytes = schedule.plan.arenaBytes
    tableBytes = schedule.tableBytes
    self.instructions = instructions
    chainedLayers = schedule.chains.reduce(0) { $0 + $1.layers }
  }
}
