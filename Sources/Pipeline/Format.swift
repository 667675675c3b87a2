internal import Foundation

/// Numbers as people read them.
package enum Format {
  /// `5,547,008`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    let grouped = digits.enumerated().map { index, digit in
      let isGroupStart = index > 0 && (digits.count - index) % 3 == 0
      return isGroupStart ? ",\(digit)" : "\(digit)"
    }
    return (value < 0 ? "-" : "") + grouped.joined()
  }

  /// `1 image`, `512 images`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)" + (value == 1 ? "" : "s")
  }

  /// `82.07%`, from a share of 1.
  package static func percent(_ share: Double) -> String { decimal(100 * share, 2) + "%" }

  /// `-0.06` or `+0.12`: `value` with its sign and 2 digits after the point.
  package static func signed(_ value: Double) -> String {
    (value >= 0 ? "+" : "") + decimal(value, 2)
  }

  /// `54.2 KiB`.
  package static func kibibytes(_ bytes: Int) -> String {
    "\(decimal(Double(bytes) / 1024, bytes % 1024 == 0 ? 0 : 1)) KiB"
  }

  /// `value` with `digits` digits after the point, whatever the locale.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
