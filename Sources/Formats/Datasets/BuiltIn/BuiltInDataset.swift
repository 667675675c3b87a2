internal import Tensors

/// Ten classes of drawn shapes in 32×32 color pictures, the same bytes on every machine.
///
/// A record is laid out as CIFAR-10's binary version: one label byte, then 3,072 pixels in planes
/// red, green, blue. Every record depends on the seed, its split and its index alone.
package struct BuiltInDataset: Sendable {
  package enum Split: UInt64, CaseIterable, Sendable {
    case training, test

    /// How many records the split holds.
    package var count: Int {
      switch self {
      case .training: 20_000
      case .test: 5_000
      }
    }
  }

  /// The seed of the bundled model's training data.
  package static let standardSeed: UInt64 = 2024

  /// Class names in label order.
  package static let labels = Silhouette.allCases.map(\.rawValue)

  /// One label byte and 3 × 32 × 32 pixels.
  package static let recordBytes = 1 + 3 * Scene.side * Scene.side

  private let seed: UInt64

  package init(seed: UInt64 = standardSeed) {
    self.seed = seed
  }

  /// The record at `index`, in `0 ..< split.count`.
  package func record(index: Int, split: Split) -> [UInt8] {
    precondition((0..<split.count).contains(index), "record \(index) of \(split.count)")
    let label = label(index: index, split: split)
    var random = SplitMix64(seed: seed, stream: split.rawValue << 32 | UInt64(index))
    let scene = Scene(subject: Silhouette.allCases[label], using: &random)
    return [UInt8(label)] + scene.rendered(using: &random)
  }

  /// Each run of ten records holds every class once, in an order of its own, so that any prefix
  /// is balanced and an even stride still meets all classes.
  private func label(index: Int, split: Split) -> Int {
    let classCount = Silhouette.allCases.count
    var random = SplitMix64(
      seed: ~seed, stream: split.rawValue << 32 | UInt64(index / classCount))
    var order = Array(0..<classCount)
    for last in stride(from: classCount - 1, to: 0, by: -1) {
      order.swapAt(last, random.integer(below: last + 1))
    }
    return order[index % classCount]
  }
}
