package import Boards
package import QuantizedIR
internal import Tensors

/// A model whose lookups run in the kernels of the layers before them, where those can.
struct FusedLookups {
  let model: QuantizedModel
  /// What runs each of its layers.
  private(set) var kernels: [Kernel]
  /// The lookup that each of its layers ends with.
  private(set) var lookups: [Lookup?]
  /// For each of its layers, its place in the model that it was made from; -1 for `arrival`.
  let sources: [Int]
  /// The layer that takes each row of the image as it arrives; `nil` where the whole image is there.
  private(set) var arrival: Int?

  /// `whole` with the kernels of `instructionSet`.
  init(_ whole: QuantizedModel, for instructionSet: InstructionSet) {
    self.init(whole, kernels: whole.layers.map { Kernel($0.operation, for: instructionSet) })
  }

  /// - Parameter kernels: What runs each layer of `whole`.
  init(_ whole: QuantizedModel, kernels: [Kernel]) {
    var (model, layers) = (whole, whole.layers)
    var (fused, lookups) = (kernels, [Lookup?](repeating: nil, count: kernels.count))
    var gone: Set<Int> = []
    let uses = Uses(whole)
    for (index, layer) in whole.layers.enumerated() {
      guard case .lookup(let lookup) = layer.operation,
        let writer = uses.onlyWriter(of: layer.inputs[0], readBy: index),
        let kernel = kernels[writer].applying(lookup)
      else { continue }
      fused[writer] = kernel
      lookups[writer] = lookup
      layers[writer].output = layer.output
      gone.insert(index)
    }
    sources = whole.layers.indices.filter { !gone.contains($0) }
    model.layers = sources.map { layers[$0] }
    self.model = model
    self.kernels = sources.map { fused[$0] }
    self.lookups = sources.map { lookups[$0] }
  }

  /// What the kernel of a step of a chain asks of the arena.
  func memory(_ step: ChainPlay.Step) -> KernelMemory {
    kernels[step.layer].part(step.part.operation).memory
  }

  /// The same where parts of concatenations are written where they belong; `nil` where none is.
  var placingParts: FusedLookups? {
    let (placed, layers) = model.placingParts
    guard layers.count < model.layers.count else { return nil }
    return FusedLookups(self, placed, layers)
  }

  /// The same behind a layer that takes each row of the image; `nil` where there is none, or several.
  var takingRows: FusedLookups? { model.takingRows.map { FusedLookups(self, takingRows: $0) } }

  private init(_ whole: FusedLookups, takingRows model: QuantizedModel) {
    self.model = model
    kernels = [.arrival] + whole.kernels
    lookups = [nil] + whole.lookups
    sources = [-1] + whole.sources
    arrival = 0
  }

  /// - Parameter layers: Those of `whole` that `model` still has.
  private init(_ whole: FusedLookups, _ model: QuantizedModel, _ layers: [Int]) {
    self.model = model
    kernels = layers.map { whole.kernels[$0] }
    lookups = layers.map { whole.lookups[$0] }
    sources = layers.map { whole.sources[$0] }
  }
}

/// A model whose layers run as wholes: what chains are made from.
package struct WholeLayers {
  /// The layers that chains count.
  package var model: QuantizedModel { fused.model }
  let fused: FusedLookups
  let plan: MemoryPlan
  /// Multiply-accumulates of each layer of `fused` as the model has it.
  let macs: [Int]

  /// - Parameters:
  ///   - room: Bytes that the arena may take for the sake of time.
  ///   - input: How the image comes. `plan` has all of it in the arena.
  ///   - groups: Whether channels of which few values are made run in groups.
  /// - Throws: `ScheduleError.noLayers`, `.noRows`.
  package init(
    _ whole: QuantizedModel, for instructionSet: InstructionSet, room: Int = 0,
    input: InputArrival = .whole, groups: Bool = false
  ) throws(ScheduleError) {
    guard !whole.layers.isEmpty else { throw .noLayers(model: whole.name) }
    let (fused, plan, macs) = Self.fastest(whole, instructionSet, room: room, groups: groups)
    self.plan = plan.countingRows(beside: fused.model)
    guard input == .rows else {
      (self.fused, self.macs) = (fused, macs)
      return
    }
    guard let takingRows = fused.takingRows else { throw .noRows(model: whole.name) }
    (self.fused, self.macs) = (takingRows, [0] + macs)
  }

  /// `chain` row by row; `nil` where a layer of it has no rows.
  package func play(_ chain: Chain) -> ChainPlay? {
    ChainPlay(chain, of: model, TensorUses(model, arrival: fused.arrival)) {
      fused.memory($0).overlaps
    }
  }

  private static func fastest(
    _ whole: QuantizedModel, _ instructionSet: InstructionSet, room: Int, groups: Bool
  ) -> (FusedLookups, MemoryPlan, macs: [Int]) {
    let pruned = whole.pruned
    let (layers, plan) = Self.smaller(FusedLookups(pruned, for: instructionSet))
    if let phases = TransposedPhases(pruned, for: instructionSet) {
      let (fused, phased) = Self.smaller(FusedLookups(phases.model, for: instructionSet))
      // The phases' pixels take memory of their own, of which boards have less than of time.
      if phased.arenaBytes <= max(plan.arenaBytes, room) {
        return (fused, phased, Self.macs(of: fused, phases.sources, whole))
      }
    }
    if groups, let groups = ChannelGroups(pruned, from: plan.arenaBytes / groupedShare) {
      let (fused, grouped) = Self.smaller(FusedLookups(groups.model, for: instructionSet))
      return (fused, grouped, Self.macs(of: fused, groups.sources, whole))
    }
    return (layers, plan, layers.sources.map { whole.layers[$0].operation.macs })
  }

  /// Images of less than this part of the arena are no use to have in groups.
  private static let groupedShare = 16

  /// - Parameter sources: For each layer that `fused` was made of, that of `whole`, and its share of that
  ///   one's products.
  private static func macs(
    of fused: FusedLookups, _ sources: [(layer: Int, macs: Double)], _ whole: QuantizedModel
  ) -> [Int] {
    fused.sources.map { layer in
      let source = sources[layer]
      return Int(source.macs * Double(whole.layers[source.layer].operation.macs))
    }
  }

  /// `copied` or, where its arena is no larger, the same without the copies of parts that can be written
  /// where they belong: a whole that has to be there from its first part on can take more.
  private static func smaller(_ copied: FusedLookups) -> (FusedLookups, MemoryPlan) {
    let plan = MemoryPlan(copied.model, copied.kernels.map(\.memory))
    guard let placed = copied.placingParts else { return (copied, plan) }
    let other = MemoryPlan(placed.model, placed.kernels.map(\.memory))
    return other.arenaBytes <= plan.arenaBytes ? (placed, other) : (copied, plan)
  }

  /// What runs each layer of `chained`, and for each the first one with the same kernel.
  func kernels(of chained: ChainedModel) -> (kernels: [Kernel], like: [Int]) {
    var first: [PartKey: Int] = [:]
    var kernels: [Kernel] = []
    var like: [Int] = []
    for (index, source) in chained.sources.enumerated() {
      let operation = chained.model.layers[index].operation
      switch source {
      case .whole(let layer):
        kernels.append(fused.kernels[layer])
        like.append(index)
      case .rows(let layer, let rows):
        let known = first[PartKey(layer: layer, rows, operation), default: index]
        first[PartKey(layer: layer, rows, operation)] = known
        kernels.append(known == index ? fused.kernels[layer].part(operation) : kernels[known])
        like.append(known)
      case .move:
        kernels.append(.portable(operation))
        like.append(index)
      case .arrival:
        kernels.append(.arrival)
        like.append(index)
      }
    }
    return (kernels, like)
  }

  /// What the kernels of the layers of `chained` ask of the arena.
  func memory(of chained: ChainedModel, _ kernels: [Kernel]) -> [KernelMemory] {
    zip(chained.sources, kernels).map { source, kernel in
      var memory = kernel.memory
      if case .rows(let layer, _) = source { memory.sharing = layer }
      return memory
    }
  }

  /// `macs` of the layers of `chained`: a part of them for a part of the rows.
  func macs(of chained: ChainedModel) -> [Int] {
    chained.sources.map { source in
      switch source {
      case .whole(let layer): macs[layer]
      case .rows(let layer, let rows):
        macs[layer] * rows.count
          / fused.model.tensors[fused.model.layers[layer].output].shape.height
      case .move, .arrival: 0
      }
    }
  }
}

/// Which layers write and read the bytes of each tensor.
struct Uses {
  private let model: QuantizedModel
  private var writers: [Int: [Int]] = [:]
  private var readers: [Int: [Int]] = [:]

  init(_ model: QuantizedModel) {
    self.model = model
    for (index, layer) in model.layers.enumerated() {
      writers[model.storage(of: layer.output), default: []].append(index)
      for tensor in Set(layer.inputs.map(model.storage)) {
        readers[tensor, default: []].append(index)
      }
    }
  }

  /// The layer that writes `tensor`, where layer `reader` alone reads it, as it is.
  func onlyWriter(of tensor: Int, readBy reader: Int) -> Int? {
    guard let writer = writers[tensor]?.first, writers[tensor]?.count == 1,
      readers[tensor] == [reader], model.layers[writer].output == tensor,
      !model.outputs.map(model.storage).contains(tensor)
    else { return nil }
    return writer
  }
}

extension QuantizedModel {
  /// The same network where the parts of a concatenation that lie in one piece in it are written there
  /// at once, so that nothing has to be copied; and, for each of its layers, the layer of this model.
  ///
  /// Along the outermost axis that is longer than 1, parts lie so: rows below rows, the boxes of one
  /// detection head behind those of another, vectors behind vectors. Channels of an image do not.
  var placingParts: (model: QuantizedModel, layers: [Int]) {
    var model = self
    var gone: Set<Int> = []
    for (index, layer) in layers.enumerated() {
      guard case .copy(let copy) = layer.operation, let start = copy.placeInOnePiece,
        model.canLie(layer.inputs[0], in: layer.output)
      else { continue }
      model.place(layer.inputs[0], in: layer.output, at: start)
      gone.insert(index)
    }
    let kept = layers.indices.filter { !gone.contains($0) }
    model.layers = kept.map { layers[$0] }
    return (model, kept)
  }

  /// Whether `part` has bytes of its own that an operation writes, and `whole` as well; and whether one
  /// layer alone brings it there: another would read what it writes beside.
  private func canLie(_ part: Int, in whole: Int) -> Bool {
    tensors[part].aliasOf == nil && tensors[whole].aliasOf == nil && !inputs.contains(part)
      && tensors[part].constant == nil && tensors[part].byteCount < tensors[whole].byteCount
      && !outputs.map(storage).contains(part) && layers.contains { $0.output == part }
      && layers.count { layer in
        storage(of: layer.output) == whole && layer.inputs.contains { storage(of: $0) == part }
      } == 1
  }

  private mutating func place(_ part: Int, in whole: Int, at start: Int) {
    for tensor in tensors.indices where storage(of: tensor) == part {
      tensors[tensor].aliasStart = start + (tensors[tensor].aliasStart ?? 0)
      tensors[tensor].aliasOf = whole
    }
  }
}

extension Copy {
  /// Where in the output all of the input begins, if it lies there as it is beside what other layers
  /// write; `nil` where values move against one another.
  fileprivate var placeInOnePiece: Int? {
    let loops = zip(shape, zip(sourceStrides, destinationStrides)).filter { $0.0 > 1 }
    guard isPart, sourceStart == 0, count == inputCount,
      loops.allSatisfy({ $0.1.0 == $0.1.1 })
    else { return nil }
    // As many values as the input has, over neighbors.
    let reach = loops.reduce(0) { $0 + ($1.0 - 1) * $1.1.0 }
    return reach == count - 1 ? start : nil
  }
}
