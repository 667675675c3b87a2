extension Board {
  /// Checks that every text of the board which goes into a Makefile, a shell's command line or a
  /// file's name means itself there.
  ///
  /// - Throws: `BoardError.text`.
  package func checkText() throws(BoardError) {
    try check("name", [name], Self.isWord)
    // May be empty: the host's own compiler.
    try check("toolchain", toolchain.isEmpty ? [] : [toolchain], Self.isWord)
    try check("flags", flags, Self.isWord)
    guard let emulator else { return }
    try check("emulator.command", emulator.command, Self.isWord)
    try check("emulator.linkFlags", emulator.linkFlags, Self.isWord)
    try check("emulator.sources", emulator.sources, Self.isFileName)
    try check("emulator.linkerScript", [emulator.linkerScript], Self.isFileName)
  }

  private func check(
    _ field: String, _ values: [String], _ isSafe: (String) -> Bool
  ) throws(BoardError) {
    for value in values where !isSafe(value) {
      throw .text(board: name, field: field, value: value)
    }
  }

  /// Nothing that make or a shell reads as more than a letter of a word.
  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "-_./+=,:@".utf8.contains(byte)
      }
  }

  private static func isFileName(_ text: String) -> Bool {
    isWord(text) && !text.contains("/") && !text.hasPrefix(".")
  }
}
