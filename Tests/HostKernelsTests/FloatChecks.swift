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

/// Reports the first output that is further than 1e-5 of its magnitude from what is expected.
func check(
  _ outputs: [Float], _ expected: [Expectation], clamp: ClosedRange<Float>, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outputs.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  for (index, (output, wanted)) in zip(outputs, expected).enumerated() {
    let value = min(max(wanted.value, Double(clamp.lowerBound)), Double(clamp.upperBound))
    if !(abs(Double(output) - value) <= 1e-5 * wanted.magnitude) {
      Issue.record(
        "\(what): output \(index) is \(output), not \(value)", sourceLocation: sourceLocation)
      return
    }
  }
}

/// No clamp at all.
let everything = -Float.infinity...Float.infinity
