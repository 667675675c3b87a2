internal import Tensors

extension MemoryPlan {
  /// The first layer that would read or write bytes that hold something else, as a sentence; `nil`
  /// where there is none.
  ///
  /// The check knows nothing of lifetimes: it notes for every byte of the arena which tensor was
  /// written there last, runs the schedule, and looks at each read.
  ///
  /// - Parameter memory: What the kernel of each layer asks; `nil` for the portable ones.
  package func fault(in model: QuantizedModel, _ memory: [KernelMemory]? = nil) -> String? {
    let memory = memory ?? model.portableMemory
    var owners = ByteOwners(self, model)
    guard model.inputs.allSatisfy({ owners.write($0) }) else {
      return "an input lies outside the arena"
    }
    var begun: Set<Int> = []
    for (step, layer) in model.layers.enumerated() {
      let work = scratch[step].map { $0..<$0 + memory[step].scratchBytes }
      guard work != nil || memory[step].scratchBytes == 0 else {
        return "layer '\(layer.name)' has no working memory"
      }
      if let work {
        guard work.upperBound <= arenaBytes else {
          return "layer '\(layer.name)' works outside the arena"
        }
        owners.clear(work)
      }
      // A layer that fills a part of a tensor finds what others have filled.
      guard begun.insert(layer.output).inserted || owners.holds(layer.output) else {
        return "layer '\(layer.name)' continues bytes that were overwritten"
      }
      guard layer.inputs.allSatisfy(owners.holds) else {
        return "layer '\(layer.name)' reads bytes that were overwritten"
      }
      guard let output = owners.bytes(layer.output) else {
        return "'\(layer.name)' writes a constant"
      }
      guard work?.overlaps(output) != true else {
        return "layer '\(layer.name)' writes over its working memory"
      }
      for input in layer.inputs {
        guard let range = owners.bytes(input), range.overlaps(output) else { continue }
        let distance = range.lowerBound - output.lowerBound
        guard model.overlap(at: step, of: input, memory[step]).allows(distance: distance) else {
          return "layer '\(layer.name)' writes over input that it still needs"
        }
      }
      guard owners.write(layer.output) else { return "'\(layer.name)' writes outside the arena" }
    }
    return model.outputs.allSatisfy(owners.holds) ? nil : "an output was overwritten"
  }
}

/// Which tensor wrote each byte of an arena last.
private struct ByteOwners {
  private let plan: MemoryPlan
  private let model: QuantizedModel
  /// By byte: the tensor that owns the storage; -1 for none.
  private var owner: [Int]

  init(_ plan: MemoryPlan, _ model: QuantizedModel) {
    self.plan = plan
    self.model = model
    owner = [Int](repeating: -1, count: plan.arenaBytes)
  }

  /// Where `tensor` lies; `nil` for a constant.
  func bytes(_ tensor: Int) -> Range<Int>? {
    plan.offsets[tensor].map { $0..<$0 + model.tensors[tensor].byteCount }
  }

  /// Whether all of `tensor` is there, as it was written.
  func holds(_ tensor: Int) -> Bool {
    guard let range = bytes(tensor) else { return model.tensors[tensor].constant != nil }
    return range.upperBound <= owner.count
      && owner[range].allSatisfy { $0 == model.storage(of: tensor) }
  }

  /// Writes `tensor`; `false` where it is a constant or reaches outside the arena.
  mutating func write(_ tensor: Int) -> Bool {
    guard let range = bytes(tensor), range.upperBound <= owner.count else { return false }
    for byte in range { owner[byte] = model.storage(of: tensor) }
    return true
  }

  /// Leaves `range` to no tensor.
  mutating func clear(_ range: Range<Int>) {
    for byte in range { owner[byte] = -1 }
  }
}
