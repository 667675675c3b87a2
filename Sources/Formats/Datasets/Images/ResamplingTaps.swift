/// Which input values make each output value of one axis, and in what parts, for a triangle filter
/// that widens as the image shrinks (antialiased bilinear resizing).
///
/// Source: Pillow `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`; the
/// integers are the same, so the pixels are.
struct ResamplingTaps {
  /// Bits of the parts below the binary point.
  static let precision = 22

  /// The inputs that any output takes part of.
  let inputs: Range<Int>
  /// The first input of each output, counted from the first of `inputs`.
  let firsts: [Int]
  /// The parts of the inputs of each output, which sum to about `1 << precision`.
  let parts: [[Int32]]

  /// - Parameter outputs: Those wanted, of `outputCount`.
  init(from inputCount: Int, to outputCount: Int, outputs: Range<Int>) {
    let scale = Double(inputCount) / Double(outputCount)
    let support = max(scale, 1)
    var (starts, parts, last) = ([Int](), [[Int32]](), 0)
    for output in outputs {
      let center = (Double(output) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), inputCount)
      let weights = (first..<end).map { input in
        max(0, 1 - abs((Double(input) - center + 0.5) * (1 / support)))
      }
      let sum = weights.reduce(0, +)
      starts.append(first)
      parts.append(weights.map { Int32(0.5 + $0 / sum * Double(1 << Self.precision)) })
      last = end
    }
    let start = starts.first ?? 0
    inputs = start..<max(start, last)
    firsts = starts.map { $0 - start }
    self.parts = parts
  }
}
