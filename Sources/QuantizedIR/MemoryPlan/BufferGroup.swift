internal import Tensors

/// Tensors that share one buffer because each but the first is written over the one before it.
struct BufferGroup: Hashable {
  /// In order of birth; none for the working memory of a kernel.
  var tensors: [Int]
  /// Size of the buffer, rounded up to the plan's alignment.
  var bytes: Int
  /// The steps during which any of them is alive.
  var steps: ClosedRange<Int>

  /// The groups of a model: every layer that may write over an input which dies there does so.
  static func all(in model: QuantizedModel) -> [BufferGroup] {
    var groups: [BufferGroup] = []
    var groupOf: [Int: Int] = [:]
    let lifetimes = model.lifetimes
    let byTensor = Dictionary(uniqueKeysWithValues: lifetimes.map { ($0.tensor, $0) })
    for lifetime in lifetimes {
      if let victim = overwritten(by: lifetime, model, byTensor), let group = groupOf[victim] {
        groups[group].tensors.append(lifetime.tensor)
        groups[group].steps = groups[group].steps.lowerBound...lifetime.steps.upperBound
        groupOf[lifetime.tensor] = group
      } else {
        groupOf[lifetime.tensor] = groups.count
        groups.append(
          BufferGroup(
            tensors: [lifetime.tensor], bytes: aligned(lifetime.bytes), steps: lifetime.steps))
      }
    }
    return groups
  }

  /// The working memory of each layer that needs some, alive while it runs.
  static func scratch(_ bytes: [Int]) -> [BufferGroup] {
    bytes.enumerated().filter { $1 > 0 }.map { step, bytes in
      BufferGroup(tensors: [], bytes: aligned(bytes), steps: step...step)
    }
  }

  private static func aligned(_ bytes: Int) -> Int {
    let unit = MemoryPlan.alignment
    return (bytes + unit - 1) / unit * unit
  }

  /// The tensor whose buffer the one born at `lifetime` may take over.
  private static func overwritten(
    by lifetime: Lifetime, _ model: QuantizedModel, _ lifetimes: [Int: Lifetime]
  ) -> Int? {
    let step = lifetime.steps.lowerBound
    guard step >= 0 else { return nil }
    let layer = model.layers[step]
    return layer.operation.overwritableInputs.map { model.storage(of: layer.inputs[$0]) }.first {
      lifetimes[$0].map { $0.steps.upperBound == step && $0.bytes == lifetime.bytes } == true
    }
  }

  /// The most bytes alive at one step.
  static func peakBytes(_ groups: [BufferGroup]) -> Int {
    groups.map(\.steps.lowerBound).map { step in
      groups.filter { $0.steps.contains(step) }.reduce(0) { $0 + $1.bytes }
    }.max() ?? 0
  }
}
