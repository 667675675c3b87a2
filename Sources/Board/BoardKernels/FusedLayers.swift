internal import Boards
internal import QuantizedIR

/// A model whose lookups run in the kernels of the layers before them, where those can.
struct FusedLookups {
  let model: QuantizedModel
  /// What runs each of its layers.
  private(set) var kernels: [Kernel]
  /// The lookup that each of its layers ends with.
  private(set) var lookups: [Lookup?]
  /// For each of its layers, its place in the model that it was made from.
  let sources: [Int]

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

  /// The same where parts of concatenations are written where they belong; `nil` where none is.
  var placingParts: FusedLookups? {
    let (placed, layers) = model.placingParts
    guard layers.count < model.layers.count else { return nil }
    return FusedLookups(self, placed, layers)
  }

  /// - Parameter layers: Those of `whole` that `model` still has.
  private init(_ whole: FusedLookups, _ model: QuantizedModel, _ layers: [Int]) {
    self.model = model
    kernels = layers.map { whole.kernels[$0] }
    lookups = layers.map { whole.lookups[$0] }
    sources = layers.map { whole.sources[$0] }
  }
}

/// Which layers write and read the bytes of each tensor.
private struct Uses {
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
