package import Boards
package import QuantizedIR
internal import Tensors

/// A model with its memory plan, as rows of a layer table.
package struct BoardSchedule: Sendable {
  /// Without the channels that say nothing, and without lookups that other layers end with.
  package let model: QuantizedModel
  /// Multiply-accumulates of each layer before those channels went.
  package let nominalMACs: [Int]
  package let plan: MemoryPlan
  /// What runs each layer.
  package let kernels: [Kernel]
  package let rows: [Row]
  /// How the first layers are computed; `nil` where each is computed as a whole.
  package let strips: Strips?
  /// Which layers write tables and structs that others share.
  package let tables: SharedTables
  /// Bytes of the arena that are in use while each layer runs, its working memory included.
  package let bytesInUse: [Int]

  /// One call of a kernel.
  package struct Row: Sendable {
    /// Index into `model.layers`; a layer over N images has N rows.
    package let layer: Int
    /// Arena offsets of the operands; `nil` for the constant.
    package let operands: [Int?]
    /// Arena offset of the output.
    package let output: Int
    /// Arena offset of the kernel's working memory; `nil` where it needs none.
    package let scratch: Int?
    /// The constant operand.
    package let constant: Constant?

    /// As the layer table has it: -1 for the constant, or for none.
    package func operand(_ position: Int) -> Int {
      operands.indices.contains(position) ? operands[position] ?? -1 : -1
    }
  }

  /// A constant operand: where to begin in which tensor.
  package struct Constant: Sendable {
    package let tensor: Int
    package let start: Int
  }

  /// Plans `whole` with the kernels of `instructionSet`.
  ///
  /// - Parameter arenaLimit: The most bytes that the arena may take: where whole layers need more,
  ///   the first ones are computed in strips. `nil` for no limit and no strips.
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`, `.arenaLimit`.
  package init(
    _ whole: QuantizedModel, for instructionSet: InstructionSet, arenaLimit: Int? = nil
  ) throws(ScheduleError) {
    guard !whole.layers.isEmpty else { throw .noLayers(model: whole.name) }
    let pruned = whole.pruned
    let (fused, plan) = Self.smaller(FusedLookups(pruned, for: instructionSet))
    let macs = fused.sources.map { whole.layers[$0].operation.macs }
    if let phases = TransposedPhases(pruned, for: instructionSet) {
      let (fused, phased) = Self.smaller(FusedLookups(phases.model, for: instructionSet))
      // The phases' pixels take memory of their own, of which boards have less than of time.
      if phased.arenaBytes <= max(plan.arenaBytes, arenaLimit ?? 0) {
        let macs = fused.sources.map { layer in
          let source = phases.sources[layer]
          return Int(source.macs * Double(whole.layers[source.layer].operation.macs))
        }
        try self.init(fused.model, nominalMACs: macs, phased, fused.kernels, nil)
        return
      }
    }
    guard let arenaLimit, plan.arenaBytes > arenaLimit else {
      try self.init(fused.model, nominalMACs: macs, plan, fused.kernels, nil)
      return
    }
    let best = try StripSearch(fused, for: instructionSet).best(limit: arenaLimit)
    try self.init(
      best.model, nominalMACs: best.strips.share(macs, among: best.model, of: fused.model),
      best.plan, best.kernels, best.strips)
  }

  /// `copied` or, where its arena is no larger, the same without the copies of parts that can be written
  /// where they belong: a whole that has to be there from its first part on can take more.
  private static func smaller(_ copied: FusedLookups) -> (FusedLookups, MemoryPlan) {
    let plan = MemoryPlan(copied.model, copied.kernels.map(\.memory))
    guard let placed = copied.placingParts else { return (copied, plan) }
    let other = MemoryPlan(placed.model, placed.kernels.map(\.memory))
    return other.arenaBytes <= plan.arenaBytes ? (placed, other) : (copied, plan)
  }

  /// Every layer of `model` as it is, each by its kernel.
  ///
  /// - Parameters:
  ///   - kernels: One a layer.
  ///   - plan: Where the activations lie; `nil` for the smallest arena found.
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package init(
    _ model: QuantizedModel, kernels: [Kernel], plan: MemoryPlan? = nil
  ) throws(ScheduleError) {
    precondition(kernels.count == model.layers.count)
    guard !model.layers.isEmpty else { throw .noLayers(model: model.name) }
    try self.init(
      model, nominalMACs: model.layers.map(\.operation.macs),
      plan ?? MemoryPlan(model, kernels.map(\.memory)), kernels, nil)
  }

  private init(
    _ model: QuantizedModel, nominalMACs: [Int], _ plan: MemoryPlan, _ kernels: [Kernel],
    _ strips: Strips?
  ) throws(ScheduleError) {
    var rows: [Row] = []
    for index in model.layers.indices { rows += try Self.rows(of: index, model, plan) }
    self.model = model
    self.nominalMACs = nominalMACs
    self.plan = plan
    self.kernels = kernels
    self.strips = strips
    tables = SharedTables(kernels)
    bytesInUse = Self.bytesInUse(model, plan, kernels)
    self.rows = rows
  }

  private static func rows(
    of index: Int, _ model: QuantizedModel, _ plan: MemoryPlan
  ) throws(ScheduleError) -> [Row] {
    let layer = model.layers[index]
    let counts = layer.operation.byteCounts
    let constants = layer.inputs.filter { plan.offsets[$0] == nil }
    // A row has room for one constant.
    guard constants.count <= 1, let output = plan.offsets[layer.output] else {
      throw .constantLayer(layer.name)
    }
    let images = model.tensors[layer.output].byteCount / counts.output
    return (0..<images).map { image in
      let operands = zip(layer.inputs, counts.inputs).map { input, count in
        plan.offsets[input].map { $0 + image * count }
      }
      let constant = zip(layer.inputs, counts.inputs).first { plan.offsets[$0.0] == nil }
      return Row(
        layer: index, operands: operands, output: output + image * counts.output,
        scratch: plan.scratch[index],
        constant: constant.map {
          Constant(tensor: model.storage(of: $0.0), start: image * $0.1)
        })
    }
  }

  /// Every table but the codes of pixels: those of layers, then constant operands.
  package var tableLayout: TableLayout {
    var layout = TableLayout()
    for (index, kernel) in kernels.enumerated() where tables.ownsTables(index) {
      for table in kernel.tables { layout.add(.layer(index, table.name), table) }
    }
    for tensor in constantTensors {
      let values = model.tensors[tensor].constant?.values ?? []
      layout.add(.constant(tensor), LayerTable("constant", .int8(values)))
    }
    return layout
  }

  /// The kernels in use, one of each stem.
  package var kernelsInUse: [Kernel] {
    Dictionary(kernels.map { ($0.stem, $0) }) { first, _ in first }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  /// The tensors that rows refer to as constants, in order.
  var constantTensors: [Int] { Set(rows.compactMap(\.constant?.tensor)).sorted() }

  private static func bytesInUse(
    _ model: QuantizedModel, _ plan: MemoryPlan, _ kernels: [Kernel]
  ) -> [Int] {
    var alive = [[Range<Int>]](repeating: [], count: model.layers.count)
    for lifetime in model.lifetimes {
      guard let offset = plan.offsets[lifetime.tensor] else { continue }
      for step in lifetime.steps where alive.indices.contains(step) {
        alive[step].append(offset..<offset + lifetime.bytes)
      }
    }
    return alive.enumerated().map { step, ranges in
      var end = 0
      return ranges.sorted { $0.lowerBound < $1.lowerBound }
        .reduce(kernels[step].memory.scratchBytes) { sum, range in
          defer { end = max(end, range.upperBound) }
          return sum + max(0, range.upperBound - max(end, range.lowerBound))
        }
    }
  }

  /// The arena offset of the tensor that the caller fills or reads.
  package func offset(of tensor: Int) -> Int {
    guard let offset = plan.offsets[tensor] else {
      preconditionFailure("the model's input or output is a constant")
    }
    return offset
  }
}

/// Why no board can run a model.
package enum ScheduleError: Error, Hashable, Sendable {
  /// The model has no layer.
  case noLayers(model: String)
  /// A layer computes on constants alone, or writes one.
  case constantLayer(String)
  /// No plan found has an arena as small as that.
  case arenaLimit(Int, smallest: Int)
}

extension ScheduleError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .noLayers(let model):
      "\(model): the model has no layers, so there is nothing to emit. Check the source model."
    case .constantLayer(let layer):
      "layer '\(layer)' reads or writes constants alone. Fold it before emitting."
    case .arenaLimit(let limit, let smallest):
      "no plan keeps the arena within \(limit) bytes: the smallest found takes \(smallest). Raise "
        + "the limit, or choose a smaller input or width multiplier."
    }
  }
}

extension BoardSchedule {
  /// Bytes of a layer's struct and of its row, on a 32-bit core: at most.
  private static let structBytes = 128
  private static let rowBytes = 32

  /// Bytes of the tables that layer `index` adds to those before it.
  package func flashBytes(of index: Int) -> Int {
    tables.ownsTables(index) ? kernels[index].constantBytes : 0
  }

  /// Bytes of const data in the firmware, without the self-tests: an upper bound but for
  /// alignment.
  package var tableBytes: Int {
    let layers = kernels.indices.reduce(0) { sum, index in
      let structBytes = tables.ownsStruct(index) ? Self.structBytes : 0
      return sum + flashBytes(of: index) + structBytes + Self.rowBytes
    }
    let constants = constantTensors.reduce(0) { $0 + model.tensors[$1].shape.count }
    let labels = model.labels.reduce(0) { $0 + $1.utf8.count + 1 + 4 }
    return layers + constants + labels + (model.pixelEncoding?.codes.count ?? 0)
  }

  /// What the firmware asks of a board.
  package var budget: Budget {
    let inUse = bytesInUse.enumerated().map { (step: $0, bytes: $1) }
    let largest = inUse.max { $0.bytes < $1.bytes }
    let prepared = Set(kernels.filter(\.takesScratch).map(\.stem)).count
    return Budget(
      tableBytes: tableBytes,
      codeBytes: Budget.codeAllowance + Budget.kernelAllowance * max(prepared - 2, 0),
      arenaBytes: plan.arenaBytes, arenaLowerBound: plan.lowerBound,
      largestLayer: largest.map { model.layers[$0.step].name } ?? "",
      largestLayerBytes: largest?.bytes ?? 0)
  }
}

extension QuantizedModel {
  /// What firmware of this model asks of a board, with kernels that run on any.
  ///
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package func budget() throws(ScheduleError) -> Budget {
    try BoardSchedule(self, for: .portable).budget
  }
}
