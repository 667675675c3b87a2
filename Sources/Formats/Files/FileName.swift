extension String {
  /// The name of a file for what is called so: letters and digits of ASCII, `.`, `_` and `-` as they
  /// are, an underscore for every other character.
  package var asFileName: String {
    String(map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }
}
