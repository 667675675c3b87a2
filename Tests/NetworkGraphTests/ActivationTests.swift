import Foundation
import Tensors
import Testing

/// Laws that every function of one value obeys.
@Suite struct ActivationTests {
  private static let points = (-400...400).map { Double($0) / 32 + 1e-3 }

  @Test(arguments: Activation.allCases) func spellingsLeadBack(_ function: Activation) throws {
    #expect(Activation(function.description) == function)
    let coded = try JSONEncoder().encode([function])
    #expect(try JSONDecoder().decode([Activation].self, from: coded) == [function])
  }

  @Test func filesKeepTheirSpelling() {
    let names: [(Activation, String)] = [
      (.relu, "relu"), (.relu6, "relu6"), (.hardSwish, "hardSwish"), (.logistic, "logistic"),
      (.hardSigmoid, "hardSigmoid"), (.identity, "quantize"), (.clip(-1...1), "clip(-1.0, 1.0)"),
      (.leakyRelu(0.1), "leakyRelu(0.1)"), (.swish(1), "silu"),
    ]
    for (function, name) in names { #expect(function.description == name) }
  }

  @Test(arguments: [
    "", "Relu", "leakyRelu", "leakyRelu()", "leakyRelu(nan)", "leakyRelu(inf)", "leakyRelu(1",
    "clip(1, 0)", "clip(nan, 1)", "clip(inf, inf)", "clip(1)", "celu(0)", "relu(1)", "selu(1)",
  ])
  func otherSpellingsAreNone(_ spelling: String) { #expect(Activation(spelling) == nil) }

  /// By differences, but at kinks and steps.
  @Test(arguments: Activation.allCases) func slopesAreDerivatives(_ function: Activation) {
    let step = 1e-6
    for x in Self.points {
      let (below, here, above) = (function(x - step), function(x), function(x + step))
      let (left, right) = ((here - below) / step, (above - here) / step)
      guard abs(left - right) < 1e-3 * max(1, abs(right)) else { continue }
      let slope = function.slope(at: x)
      #expect(abs(slope - (above - below) / (2 * step)) <= 1e-5 * max(1, abs(slope)), "at \(x)")
    }
  }

  @Test(arguments: Activation.allCases) func valuesStayInTheirInterval(_ function: Activation) {
    for x in Self.points { #expect(function.values.contains(function(x))) }
  }

  /// Beyond its active inputs a function is its end value, to a sixteenth of the 256th part of 1, or
  /// a line.
  @Test(arguments: Activation.allCases) func endsAreFlat(_ function: Activation) {
    let (low, high) = (function.activeInputs.lowerBound, function.activeInputs.upperBound)
    let size = max(1, abs(function(-1e3)))
    if low.isFinite { #expect(abs(function(low) - function(-1e3)) <= size * 0x1p-12) }
    if high.isFinite { #expect(abs(function(high) - function(1e3)) <= 0x1p-12) }
  }

  @Test(arguments: Activation.allCases.filter(\.passesFactors))
  func factorsPass(_ function: Activation) {
    let bound = function.clamp.map { min($0.upperBound, 8) } ?? 8
    for x in Self.points where abs(x) <= bound {
      let (whole, half) = (function(x), function(x / 2))
      #expect(abs(whole - 2 * half) < 1e-12)
    }
  }
}
