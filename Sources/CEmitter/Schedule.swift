internal import Pruning
internal import QuantizedIR
internal import Tensors

/// A model with its memory plan, as rows of a layer table.
struct Schedule {
  /// Without the channels that say nothing, and without lookups that other layers end with.
  let model: QuantizedModel
  /// Multiply-accumulates of each layer before those channels went.
  let nominalMACs: [Int]
  let plan: MemoryPlan
  /// What runs each layer.
  let kernels: [Kernel]
  let rows: [Row]
  /// How the first layers are computed; `nil` where each is computed as a whole.
  let strips: Strips?
  /// Which layers write tables and structs that others share.
  let tables: SharedTables
  /// Bytes of the arena that are in use while each layer runs, its working memory included.
  let bytesInUse: [Int]

  /// One call of a kernel.
  struct Row {
    /// Index into `model.layers`; a layer over N images has N rows.
    let layer: Int
    /// Arena offsets of the operands; `nil` for the constant.
    let operands: [Int?]
    /// Arena offset of the output.
    let output: Int
    /// Arena offset of the kernel's working memory; `nil` where it needs none.
    let scratch: Int?
    /// The constant operand.
    let constant: Constant?

    /// As the layer table has it: -1 for the constant, or for none.
    func operand(_ position: Int) -> Int {
      operands.indices.contains(position) ? operands[position] ?? -1 : -1
    }
  }

  /// A constant operand: where to begin in which tensor.
  struct Constant {
    let tensor: Int
    let start: Int
  }

  /// Plans `whole` with the kernels of `instructionSet`.
  ///
  /// - Parameter arenaLimit: The most bytes that the arena may take: where whole layers need more,
  ///   the first ones are computed in strips. `nil` for no limit and no strips.
  /// - Throws: `EmitError.noLayers`, `.constantLayer`, `.arenaLimit`.
  init(
    _ whole: QuantizedModel, for instructionSet: InstructionSet, arenaLimit: Int? = nil
  ) throws(EmitError) {
    guard !whole.layers.isEmpty else { throw .noLayers(model: whole.name) }
    let pruned = whole.pruned
    let fused = FusedLookups(
      pruned, kernels: pruned.layers.map { Kernel($0.operation, for: instructionSet) })
    var (model, kernels) = (fused.model, fused.kernels)
    var plan = MemoryPlan(model, kernels.map(\.memory))
    var strips: Strips?
    var nominalMACs = fused.sources.map { whole.layers[$0].operation.macs }
    if let arenaLimit, plan.arenaBytes > arenaLimit {
      let best = try StripSearch(fused, for: instructionSet).best(limit: arenaLimit)
      (model, kernels, plan, strips) = (best.model, best.kernels, best.plan, best.strips)
      nominalMACs = best.strips.share(nominalMACs, among: model, of: fused.model)
    }
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
  ) throws(EmitError) -> [Row] {
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

  /// What the fields of the struct of layer `index` hold.
  func fields(of index: Int, _ names: Names) -> [CWriter.Field] {
    var c = CWriter()
    kernels[index].emitFields(
      "\(names.tables).\(names.layer(tables.tables[index]))", into: &c)
    return c.fields
  }

  /// Every table but the codes of pixels.
  func tableSet(_ names: Names) -> TableSet {
    var set = TableSet(object: names.tables)
    for (index, kernel) in kernels.enumerated()
    where kernel.constantBytes > 0 && tables.ownsTables(index) {
      set.comment(["\(model.layers[index].name): \(kernel.stem)"])
      kernel.emitTables(names.layer(index), into: &set)
    }
    for tensor in constantTensors {
      set.comment(["\(model.tensors[tensor].name): constant, \(model.tensors[tensor].shape)"])
      set.add(
        "int8_t", names.constantField(tensor), model.tensors[tensor].constant?.values ?? [])
    }
    return set
  }

  /// The kernels in use, one of each stem.
  var kernelsInUse: [Kernel] {
    Dictionary(kernels.map { ($0.stem, $0) }) { first, _ in first }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  /// The header that declares the structs of the kernels in use.
  var structHeader: String {
    kernels.contains { $0.headers.contains("mnq_packed.h") } ? "mnq_packed.h" : "mnq_runtime.h"
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
  func offset(of tensor: Int) -> Int {
    guard let offset = plan.offsets[tensor] else {
      preconditionFailure("the model's input or output is a constant")
    }
    return offset
  }
}
