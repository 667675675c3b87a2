internal import Tensors

/// A buffer of the arena and the steps of the schedule during which its bytes matter.
package struct Lifetime: Hashable, Sendable {
  /// The tensor that owns the buffer.
  package let tensor: Int
  /// Size in bytes.
  package let bytes: Int
  /// From the layer that writes it (-1: before the first) to the last that reads it.
  package let steps: ClosedRange<Int>
}

extension QuantizedModel {
  /// The tensor whose bytes `tensor` uses: itself, unless it is an alias.
  package func storage(of tensor: Int) -> Int { tensors[tensor].aliasOf ?? tensor }

  /// Where in the buffer of its storage `tensor` begins.
  func start(of tensor: Int) -> Int { tensors[tensor].aliasStart ?? 0 }

  /// The lifetimes of all activations, in order of birth.
  package var lifetimes: [Lifetime] {
    var (first, last): ([Int: Int], [Int: Int]) = ([:], [:])
    for input in inputs.map(storage) { (first[input], last[input]) = (-1, -1) }
    for output in outputs.map(storage) { last[output] = layers.count }
    for (step, layer) in layers.enumerated() {
      let written = storage(of: layer.output)
      first[written] = first[written] ?? step
      for tensor in layer.inputs.map(storage) + [written] where tensors[tensor].constant == nil {
        last[tensor] = max(last[tensor] ?? step, step)
      }
    }
    return first.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { tensor, birth in
      Lifetime(
        tensor: tensor, bytes: tensors[tensor].byteCount,
        steps: birth...max(birth, last[tensor] ?? birth))
    }
  }
}

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

extension [ArenaBuffer] {
  /// The buffers that are alive while each step runs, in order, for `steps` of them.
  func alive(during steps: Int) -> [[Int]] {
    var alive = [[Int]](repeating: [], count: steps)
    for (index, buffer) in enumerated() {
      for step in buffer.steps.clamped(to: -1...steps) where alive.indices.contains(step) {
        alive[step].append(index)
      }
    }
    return alive
  }

  /// For each buffer, those before it that are alive at one of its steps, in order.
  var earlierOverlapping: [[Int]] {
    var born: [Int: [Int]] = [:]
    for (index, buffer) in enumerated() { born[buffer.steps.lowerBound, default: []].append(index) }
    // Whoever is alive at a buffer's first step was born then or was alive a step before.
    var alive: [Int] = []
    var found = [[Int]](repeating: [], count: count)
    for step in born.keys.sorted() {
      alive.removeAll { self[$0].steps.upperBound < step }
      for index in born[step] ?? [] {
        for other in alive { found[Swift.max(index, other)].append(Swift.min(index, other)) }
        alive.append(index)
      }
    }
    return found.map { $0.sorted() }
  }
}

extension Int {
  /// The least multiple of `unit` that is not smaller.
  func roundedUp(to unit: Int) -> Int {
    let remainder = ((self % unit) + unit) % unit
    return remainder == 0 ? self : self + unit - remainder
  }
}
