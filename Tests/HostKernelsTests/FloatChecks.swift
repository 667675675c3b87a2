import HostKernels
import Testing

/// What a kernel should give for one output, with the sum of the absolute terms it is made of.
struct Expectation {
  var value: Double
  var magnitude: Double

  init(bias: Float) {
    value = Double(bias)
    magnitude = abs(value)
  }

  mutating func add(_ a: Float, _ b: Float) {
    value += Double(a) * Double(b)
    magnitude += abs(Double(a) * Double(b))
  }
}

/// What a layer does to its sums.
enum Ending {
  case nothing
  case clamp(ClosedRange<Float>)
  case hardSwish

  var native: mnqh_ending_f32 {
    switch self {
    case .nothing:
      mnqh_ending_f32(minimum: -.infinity, maximum: .infinity, hard_swish: false)
    case .clamp(let range):
      mnqh_ending_f32(
        minimum: range.lowerBound, maximum: range.upperBound, hard_swish: false)
    case .hardSwish:
      // Bounds that would show if they were heeded.
      mnqh_ending_f32(minimum: 0, maximum: 0, hard_swish: true)
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .nothing: x
    case .clamp(let range): min(max(x, Double(range.lowerBound)), Double(range.upperBound))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    }
  }
}

/// Reports the first output that is further than 1e-5 of its magnitude from what is expected; h-swish
/// is at most 1.5 times as steep as no ending.
func check(
  _ outputs: [Float], _ expected: [Expectation], _ ending: Ending, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outputs.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let limit = if case .hardSwish = ending { 1.5e-5 } else { 1e-5 }
  for (index, (output, wanted)) in zip(outputs, expected).enumerated() {
    let value = ending(wanted.value)
    if !(abs(Double(output) - value) <= limit * wanted.magnitude) {
      Issue.record(
        "\(what): output \(index) is \(output), not \(value)", sourceLocation: sourceLocation)
      return
    }
  }
}
