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
    var owner = [Int](repeating: -1, count: arenaBytes)
    func bytes(_ tensor: Int) -> Range<Int>? {
      offsets[tensor].map { $0..<$0 + model.tensors[tensor].byteCount }
    }
    func holds(_ tensor: Int) -> Bool {
      guard let range = bytes(tensor) else { return model.tensors[tensor].constant != nil }
      return range.upperBound <= arenaBytes
        && owner[range].allSatisfy { $0 == model.storage(of: tensor) }
    }
    func write(_ tensor: Int) -> Bool {
      guard let range = bytes(tensor), range.upperBound <= arenaBytes else { return false }
      for byte in range { owner[byte] = model.storage(of: tensor) }
      return true
    }
    guard write(model.input) else { return "the input lies outside the arena" }
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
        for byte in work { owner[byte] = -1 }
      }
      // A layer that fills a part of a tensor finds what others have filled.
      guard begun.insert(layer.output).inserted || holds(layer.output) else {
        return "layer '\(layer.name)' continues bytes that were overwritten"
      }
      guard layer.inputs.allSatisfy(holds) else {
        return "layer '\(layer.name)' reads bytes that were overwritten"
      }
      guard let output = bytes(layer.output) else { return "'\(layer.name)' writes a constant" }
      guard work?.overlaps(output) != true else {
        return "layer '\(layer.name)' writes over its working memory"
      }
      for input in layer.inputs {
        guard let range = bytes(input), range.overlaps(output) else { continue }
        let distance = range.lowerBound - output.lowerBound
        guard model.overlap(at: step, of: input, memory[step]).allows(distance: distance) else {
          return "layer '\(layer.name)' writes over input that it still needs"
        }
      }
      guard write(layer.output) else { return "'\(layer.name)' writes outside the arena" }
    }
    return holds(model.output) ? nil : "the output was overwritten"
  }
}
