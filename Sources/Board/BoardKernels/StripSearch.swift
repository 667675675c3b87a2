internal import Boards
internal import QuantizedIR
internal import Tensors

/// How the first layers are computed where the arena is limited: some rows at a time.
package struct Strips: Hashable, Encodable, Sendable {
  /// How many of the model's layers, from the first on.
  package let layers: Int
  /// Rows of the last of them in a strip; what is left makes the last one.
  package let rows: Int
  /// How many strips there are.
  package let count: Int
  /// Multiply-accumulates of an inference beyond those of the whole layers: rows that two strips
  /// need are computed twice.
  package let extraMACs: Int

  /// What each layer of `cut`, which is `whole` in these strips, has of `counts`, one a layer of
  /// `whole`: as many rows' part.
  func share(_ counts: [Int], among cut: QuantizedModel, of whole: QuantizedModel) -> [Int] {
    cut.layers.indices.map { index in
      let inStrips = index < count * layers
      let source = inStrips ? index % layers : index - (count - 1) * layers
      let rows = cut.tensors[cut.layers[index].output].shape.height
      return counts[source] * rows / whole.tensors[whole.layers[source].output].shape.height
    }
  }
}

/// Looks for the cheapest way to fit an arena into a limit: which first layers to compute in strips
/// of how many rows.
struct StripSearch {
  private let whole: FusedLookups
  private let instructionSet: InstructionSet

  private var model: QuantizedModel { whole.model }
  private var kernels: [Kernel] { whole.kernels }

  /// What was found.
  struct Result {
    let strips: Strips
    let model: QuantizedModel
    let kernels: [Kernel]
    let plan: MemoryPlan
  }

  private struct Candidate {
    let strips: Strips
    let model: QuantizedModel
    let kernels: [Kernel]
    let lowerBound: Int
  }

  /// Layers that need less than this part of what the largest needs are too small to be worth it.
  private static let smallestPart = 8

  init(_ whole: FusedLookups, for instructionSet: InstructionSet) {
    self.whole = whole
    self.instructionSet = instructionSet
  }

  /// The plan of at most `limit` bytes with the fewest multiply-accumulates.
  ///
  /// - Throws: `ScheduleError.arenaLimit` with the smallest arena that was found.
  func best(limit: Int) throws(ScheduleError) -> Result {
    let candidates = candidates
    let fitting = candidates.filter { $0.lowerBound <= limit }
    for candidate in fitting.sorted(by: { $0.strips.extraMACs < $1.strips.extraMACs }) {
      let plan = MemoryPlan(candidate.model, candidate.kernels.map(\.memory), goal: limit)
      if plan.arenaBytes <= limit {
        return Result(
          strips: candidate.strips, model: candidate.model, kernels: candidate.kernels, plan: plan)
      }
    }
    throw .arenaLimit(limit, smallest: smallest(candidates))
  }

  /// The smallest arena of all, strips or none.
  private func smallest(_ candidates: [Candidate]) -> Int {
    var smallest = MemoryPlan(model, kernels.map(\.memory)).arenaBytes
    for candidate in candidates.sorted(by: { $0.lowerBound < $1.lowerBound })
    where candidate.lowerBound < smallest {
      smallest = min(
        smallest, MemoryPlan(candidate.model, candidate.kernels.map(\.memory)).arenaBytes)
    }
    return smallest
  }

  /// Every number of layers and rows worth a look.
  private var candidates: [Candidate] {
    let needed = MemoryPlan.leastBytes(model, kernels.map(\.memory))
    let least = (needed.max() ?? 0) / Self.smallestPart
    let chain = needed.prefix(model.layersForStrips)
    let last = chain.lastIndex { $0 > least } ?? -1
    return (0..<last + 1).flatMap { index -> [Candidate] in
      let layers = index + 1
      let height = model.tensors[model.layers[layers - 1].output].shape.height
      let rows = Set((2...max(2, height)).map { (height + $0 - 1) / $0 })
      var known: [Operation: Kernel] = [:]
      return rows.sorted(by: >).compactMap { candidate(layers, rows: $0, height, &known) }
    }
  }

  /// - Parameter known: Kernels of strips made before: all but the first and the last are alike.
  private func candidate(
    _ layers: Int, rows: Int, _ height: Int, _ known: inout [Operation: Kernel]
  ) -> Candidate? {
    guard let strips = model.inStrips(layers: layers, rows: rows) else { return nil }
    let count = (height + rows - 1) / rows
    let parts = strips.layers.prefix(count * layers).enumerated().map { index, layer in
      let kernel = known[layer.operation] ?? Kernel(layer.operation, for: instructionSet)
      known[layer.operation] = kernel
      guard let lookup = whole.lookups[index % layers] else { return kernel }
      guard let fused = kernel.applying(lookup) else {
        preconditionFailure("a strip's kernel is that of its layer")
      }
      return fused
    }
    let kernels = parts + kernels[layers...]
    return Candidate(
      strips: Strips(
        layers: layers, rows: rows, count: count, extraMACs: strips.macs - model.macs),
      model: strips, kernels: kernels,
      lowerBound: MemoryPlan.leastBytes(strips, kernels.map(\.memory)).max() ?? 0)
  }
}
