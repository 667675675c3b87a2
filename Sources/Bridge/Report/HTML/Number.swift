private import Foundation

/// Numbers as the page shows them.
enum Number {
  /// `value` with `digits` digits after the point, whatever the locale.
  static func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// `81.89 %`, from a share of 1.
  static func percent(_ share: Double, _ digits: Int = 2) -> String {
    decimal(100 * share, digits) + " %"
  }

  /// With its sign.
  static func signed(_ value: Double, _ digits: Int = 2) -> String {
    (value > 0 ? "+" : "") + decimal(value, digits)
  }

  /// Decibels; where there is no noise, `exact`.
  static func decibels(_ value: Double?) -> String { value.map { decimal($0, 1) } ?? "exact" }

  /// `5 547 008`, with thin spaces.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    let grouped = digits.indices.map { index in
      index > 0 && (digits.count - index) % 3 == 0 ? "\u{2009}\(digits[index])" : "\(digits[index])"
    }
    return (value < 0 ? "-" : "") + grouped.joined()
  }

  /// To 3 significant digits.
  static func short(_ value: Double) -> String { String(format: "%.3g", value) }
}
