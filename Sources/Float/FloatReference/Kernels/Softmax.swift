private import Foundation

/// `Operator.softmax` over the innermost axis, in `Double`.
struct SoftmaxKernel: Sendable {
  let channels: Int

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: input.count, by: channels) {
      let row = input[start..<start + channels]
      // The largest becomes exp(0), so that nothing overflows.
      let largest = Double(row.max() ?? 0)
      let powers = row.map { exp(Double($0) - largest) }
      let sum = powers.reduce(0, +)
      for c in 0..<channels { output[start + c] = Float(powers[c] / sum) }
    }
  }
}
