/// Which input values make each output value of one axis, and in what parts, for a triangle filter
/// that widens as the image shrinks (antialiased bilinear resizing).
///
/// Source: Pillow `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`; the
/// integers are the same, so the pixels are.
struct ResamplingTaps {
  /// Bits of the parts below the binary point.
  static let precision = 22

  /// The first input of each output.
  let firsts: [Int]
  /// The parts of the inputs of each output, which sum to about `1 << precision`.
  let parts: [[Int32]]

  init(from inputs: Int, to outputs: Int) {
    let scale = Double(inputs) / Double(outputs)
    let support = max(scale, 1)
    var (firsts, parts): ([Int], [[Int32]]) = ([], [])
    for output in 0..<outputs {
      let center = (Double(output) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), inputs)
      let weights = (first..<end).map { input in
        max(0, 1 - abs((Double(input) - center + 0.5) * (1 / support)))
      }
      let sum = weights.reduce(0, +)
      firsts.append(first)
      parts.append(weights.map { Int32(0.5 + $0 / sum * Double(1 << Self.precision)) })
    }
    (self.firsts, self.parts) = (firsts, parts)
  }
}
