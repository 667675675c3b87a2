private import Foundation

/// The classes that a network puts first.
package struct Ranking: Encodable, Sendable {
  package struct Entry: Encodable, Sendable {
    /// Position in the output.
    package let `class`: Int
    /// `nil` where the model names no classes.
    package let label: String?
    package let probability: Double
  }

  /// Most probable first; of equals, the first.
  package let top: [Entry]

  /// The `count` first of `outputs`, real values, made probabilities unless they are: by softmax, and
  /// a single one by the logistic function.
  package init(_ outputs: [Double], labels: [String], count: Int, areProbabilities: Bool) {
    let probabilities = areProbabilities ? outputs : Self.probabilities(outputs)
    let order = probabilities.indices.sorted {
      (probabilities[$1], $0) < (probabilities[$0], $1)
    }
    top = order.prefix(count).map { index in
      Entry(
        class: index, label: labels.indices.contains(index) ? labels[index] : nil,
        probability: probabilities[index])
    }
  }

  private static func probabilities(_ values: [Double]) -> [Double] {
    if values.count == 1 { return [1 / (1 + exp(-values[0]))] }
    let greatest = values.max() ?? 0
    let powers = values.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
