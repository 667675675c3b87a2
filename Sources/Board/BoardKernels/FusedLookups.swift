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
