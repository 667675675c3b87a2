private import Glibc

extension String {
  /// The name of a file for what is called so: letters and digits of ASCII, `.`, `_` and `-` as they
  /// are, an underscore for every other character.
  package var asFileName: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }
}

extension StringProtocol {
  /// Without white space and line ends around it.
  package var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}

extension Double {
  /// With `digits` digits after the point, as C prints it, whatever the locale.
  package func decimal(_ digits: Int) -> String { printed("%.\(digits)f") }

  /// With `digits` significant digits, as C's `%g` prints it.
  package func significant(_ digits: Int) -> String { printed("%.\(digits)g") }

  /// - Parameter format: A single conversion of a `double`.
  private func printed(_ format: String) -> String {
    withVaList([self]) { values in
      // The greatest `Double` has 309 digits before the point.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
        vsnprintf(text.baseAddress, text.count, format, values)
        return text.baseAddress.map { String(cString: $0) } ?? ""
      }
    }
  }
}
