private import Foundation

/// How the learning rate goes over a training.
package struct RateSchedule: Hashable, Codable, Sendable {
  package enum Shape: String, CaseIterable, Codable, Sendable {
    /// Warm-up, then half a cosine to 0. Source: Loshchilov and Hutter, "SGDR", 2017.
    case cosine
    /// A cosine from a 25th of the peak up to it over the first 30%, and down to nearly nothing.
    /// Source: Smith and Topin, "Super-convergence", 2018, in the form of PyTorch's `OneCycleLR`.
    case oneCycle = "one-cycle"
    /// Warm-up, then the same rate to the end.
    case constant
  }

  package var shape: Shape
  /// The largest rate.
  package var peak: Double
  /// The share of all steps over which the rate rises from 0, before `cosine` and `constant`.
  package var warmUp: Double

  package init(_ shape: Shape, peak: Double, warmUp: Double) {
    (self.shape, self.peak, self.warmUp) = (shape, peak, warmUp)
  }

  /// The rate of step `step` of `total`, counted from 0.
  package func rate(_ step: Int, of total: Int) -> Double {
    let place = (Double(step) + 0.5) / Double(total)
    switch shape {
    case .oneCycle:
      let rise = 0.3
      return place < rise
        ? Self.cosine(from: peak / 25, to: peak, place / rise)
        : Self.cosine(from: peak, to: peak / 250_000, (place - rise) / (1 - rise))
    case .cosine, .constant:
      if place < warmUp { return peak * place / warmUp }
      guard shape == .cosine else { return peak }
      return Self.cosine(from: peak, to: 0, (place - warmUp) / (1 - warmUp))
    }
  }

  private static func cosine(from first: Double, to last: Double, _ place: Double) -> Double {
    last + (first - last) * (1 + cos(.pi * place)) / 2
  }
}
