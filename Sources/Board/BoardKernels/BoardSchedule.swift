package import Boards
package import QuantizedIR
internal import Tensors

/// A model with its memory plan, as calls of kernels on rows of a layer table.
package struct BoardSchedule: Sendable {
  /// Without the channels that say nothing, and without lookups that other layers end with. Where
  /// layers run in chains, each step of a chain is a layer.
  package let model: QuantizedModel
  /// Multiply-accumulates of each layer before those channels went.
  package let nominalMACs: [Int]
  package let plan: MemoryPlan
  /// What runs each layer.
  package let kernels: [Kernel]
  /// The calls in order.
  package let rows: [Row]
  /// The rows that differ, as the table has them: each by the first of `rows` that is like it.
  package let entries: [Int]
  /// Which of `entries` each of `rows` is.
  package let order: [Int]
  /// The layers that run some rows at a time; none where each runs as a whole.
  package let chains: [ChainSummary]
  /// What the parts of tensors hold that steps of chains read and write, for `MemoryPlan.fault`.
  package let contents: [Int: TensorPart]
  /// How the image comes.
  package let input: InputArrival
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
  package struct Constant: Hashable, Sendable {
    package let tensor: Int
    package let start: Int
  }

  /// Plans `whole` with the kernels of `instructionSet`.
  ///
  /// - Parameters:
  ///   - arenaLimit: The most bytes that the arena may take: where whole layers need more, some run
  ///     in chains. `nil` for whole layers or, where the image comes by rows, the least.
  ///   - input: How the image comes.
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`, `.arenaLimit`, `.noRows`.
  package init(
    _ whole: QuantizedModel, for instructionSet: InstructionSet, arenaLimit: ArenaLimit? = nil,
    input: InputArrival = .whole
  ) throws(ScheduleError) {
    self = try Self.planned(whole, for: instructionSet, arenaLimit: arenaLimit, input: input).0
  }

  /// The same, and what found it where chains were looked for.
  package static func planned(
    _ whole: QuantizedModel, for instructionSet: InstructionSet, arenaLimit: ArenaLimit? = nil,
    input: InputArrival = .whole
  ) throws(ScheduleError) -> (BoardSchedule, ArenaSearch?) {
    let room = arenaLimit?.bytes ?? 0
    if input == .whole {
      let layers = try WholeLayers(whole, for: instructionSet, room: room)
      guard let arenaLimit, !arenaLimit.holds(layers.plan.arenaBytes) else {
        return (try BoardSchedule(whole: layers), nil)
      }
    }
    let search = try ArenaSearch(whole, for: instructionSet, room: room, input: input)
    return (try search.best(arenaLimit ?? .least), search)
  }

  /// Every layer as a whole.
  init(whole layers: WholeLayers) throws(ScheduleError) {
    try self.init(layers.model, nominalMACs: layers.macs, layers.plan, layers.fused.kernels)
  }

  /// `layers` with some of them in chains, whatever that costs.
  ///
  /// - Parameters:
  ///   - chains: In order, none over another.
  ///   - shortened: A tensor whose ring lacks one row, for tests.
  /// - Returns: `nil` where a layer of a chain has no rows.
  /// - Throws: `ScheduleError.constantLayer`.
  package init?(
    _ layers: WholeLayers, chains: [Chain], shortened: Int? = nil
  ) throws(ScheduleError) {
    guard let chained = ChainedModel(layers, chains, shortened: shortened) else { return nil }
    try self.init(layers, chains, chained)
  }

  /// `layers` with some of them in chains.
  ///
  /// - Parameter goal: An arena that is small enough.
  init(
    _ layers: WholeLayers, _ chains: [Chain], _ chained: ChainedModel, goal: Int = 0
  ) throws(ScheduleError) {
    let (kernels, like) = layers.kernels(of: chained)
    var plan = MemoryPlan(
      chained.resident, layers.memory(of: chained, kernels),
      goal: goal - (chained.takesRows ? MemoryPlan.rowCountBytes : 0))
    if chained.takesRows { plan.countRows() }
    try self.init(
      chained.model, nominalMACs: layers.macs(of: chained), plan, kernels, like: like, chained,
      chains)
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
      plan ?? MemoryPlan(model, kernels.map(\.memory)), kernels)
  }

  private init(
    _ model: QuantizedModel, nominalMACs: [Int], _ plan: MemoryPlan, _ kernels: [Kernel],
    like: [Int]? = nil, _ chained: ChainedModel? = nil, _ chains: [Chain] = []
  ) throws(ScheduleError) {
    let plan = chained?.takesRows == true ? plan : plan.countingRows(beside: model)
    var rows: [Row] = []
    for index in model.layers.indices { rows += try Self.rows(of: index, model, plan) }
    self.model = model
    self.nominalMACs = nominalMACs
    self.plan = plan
    self.kernels = kernels
    contents = chained?.contents ?? [:]
    input = chained?.takesRows == true ? .rows : .whole
    self.chains = chains.map { ChainSummary($0, chained) }.filter { $0.layers > 0 }
    tables = SharedTables(kernels, like: like ?? Array(kernels.indices))
    bytesInUse = Self.bytesInUse(model, plan, kernels)
    self.rows = rows
    (entries, order) = Self.table(of: rows, tables)
  }

  /// The different rows, by their first places, and for each row which of them it is.
  private static func table(of rows: [Row], _ tables: SharedTables) -> ([Int], [Int]) {
    var known: [Entry: Int] = [:]
    var entries: [Int] = []
    let order = rows.enumerated().map { index, row in
      let entry = Entry(row, tables.structs[row.layer])
      if let place = known[entry] { return place }
      known[entry] = entries.count
      entries.append(index)
      return entries.count - 1
    }
    return (entries, order)
  }

  /// What a row says in C.
  private struct Entry: Hashable {
    let layer: Int
    let operands: [Int?]
    let output: Int
    let scratch: Int?
    let constant: Constant?

    init(_ row: Row, _ layer: Int) {
      self.layer = layer
      (operands, output, scratch, constant) = (row.operands, row.output, row.scratch, row.constant)
    }
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
      for step in lifetime.spans.joined() where alive.indices.contains(step) {
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

  /// What `MemoryPlan.fault` finds.
  package var fault: String? {
    plan.fault(
      in: input == .rows ? model.withoutWholeImage : model, kernels.map(\.memory),
      contents: contents)
  }

  /// The arena offset of the tensor that the caller fills or reads.
  package func offset(of tensor: Int) -> Int {
    guard let offset = plan.offsets[tensor] else {
      preconditionFailure("the model's input or output is a constant")
    }
    return offset
  }
}

/// A chain, for reports: neighboring layers that run some rows at a time.
package struct ChainSummary: Hashable, Encodable, Sendable {
  /// How many layers.
  package let layers: Int
  /// The first one's and the last one's place among the model's layers, without those that are left
  /// out of firmware.
  package let first: Int
  package let last: Int
  /// Calls of kernels, those that move rows left out.
  package let calls: Int
  /// The least and the most rows that a layer makes at a time, but for the last of each.
  package let leastRows: Int
  package let mostRows: Int

  init(_ chain: Chain, _ model: ChainedModel?) {
    let arrivals = model?.takesRows == true ? 1 : 0
    first = max(chain.layers.lowerBound - arrivals, 0)
    last = chain.layers.upperBound - 1 - arrivals
    layers = last - first + 1
    var rows: [Int: Int] = [:]
    var calls = 0
    for case .rows(let layer, let part) in model?.sources ?? [] where chain.layers.contains(layer) {
      rows[layer] = max(rows[layer] ?? 0, part.count)
      calls += 1
    }
    self.calls = calls
    (leastRows, mostRows) = (rows.values.min() ?? 0, rows.values.max() ?? 0)
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
  /// The input is no image of int8 codes whose rows could arrive one by one, or there are several.
  case noRows(model: String)
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
    case .noRows(let model):
      "\(model): rows can arrive of one image [1, height, width, channels] of int8 codes, and the "
        + "model has several inputs, or another one. Emit without --input rows."
    }
  }
}

extension BoardSchedule {
  /// Bytes of a word and of a row, on a 32-bit core. Twin: `mnq_row`.
  private static let wordBytes = 4
  private static let rowBytes = 28

  /// Bytes of the tables that layer `index` adds to those before it.
  package func flashBytes(of index: Int) -> Int {
    tables.ownsTables(index) ? kernels[index].constantBytes : 0
  }

  /// Bytes of const data in the firmware, without the self-tests: an upper bound but for
  /// alignment.
  package var tableBytes: Int {
    let layers = kernels.indices.reduce(0) { sum, index in
      let words = tables.ownsStruct(index) ? kernels[index].record.leaves.count : 0
      let structBytes = words * Self.wordBytes
      return sum + flashBytes(of: index) + structBytes
    }
    let rows = entries.count * Self.rowBytes + (repeatsRows ? order.count * orderBytes : 0)
    let constants = constantTensors.reduce(0) { $0 + model.tensors[$1].shape.count }
    let labels = model.labels.reduce(0) { $0 + $1.utf8.count + 1 + 4 }
    return layers + rows + constants + labels + (model.pixelEncoding?.codes.count ?? 0)
  }

  /// Whether some row of the table stands for several calls.
  package var repeatsRows: Bool { entries.count < rows.count }

  /// Bytes of the number of a row of the table.
  package var orderBytes: Int { entries.count <= 256 ? 1 : 2 }

  /// What the firmware asks of a board.
  package var budget: Budget {
    let inUse = bytesInUse.enumerated().map { (step: $0, bytes: $1) }
    let largest = inUse.max { $0.bytes < $1.bytes }
    return Budget(
      tableBytes: tableBytes,
      codeBytes: kernelsInUse.reduce(Budget.codeAllowance) { $0 + $1.codeBytes },
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
