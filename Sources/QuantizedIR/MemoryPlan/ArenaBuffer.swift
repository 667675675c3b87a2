internal import Tensors

/// Bytes of the arena that one tensor, or the working memory of one kernel, needs for a while.
struct ArenaBuffer: Hashable {
  /// `nil` for the working memory of a kernel.
  var tensor: Int?
  /// Rounded up to the plan's alignment.
  var bytes: Int
  /// From the step that writes it to the last that reads it.
  var steps: ClosedRange<Int>

  init(tensor: Int?, bytes: Int, steps: ClosedRange<Int>) {
    self.tensor = tensor
    self.bytes = bytes.roundedUp(to: MemoryPlan.alignment)
    self.steps = steps
  }

  /// Every buffer of `model`: tensors in order of birth, then working memory.
  static func all(in model: QuantizedModel, _ memory: [KernelMemory]) -> [ArenaBuffer] {
    model.lifetimes.map { ArenaBuffer(tensor: $0.tensor, bytes: $0.bytes, steps: $0.steps) }
      + memory.enumerated().filter { $1.scratchBytes > 0 }.map {
        ArenaBuffer(tensor: nil, bytes: $1.scratchBytes, steps: $0...$0)
      }
  }
}

extension Int {
  /// The least multiple of `unit` that is not smaller.
  func roundedUp(to unit: Int) -> Int {
    let remainder = ((self % unit) + unit) % unit
    return remainder == 0 ? self : self + unit - remainder
  }
}
