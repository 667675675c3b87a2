/// The names that emitted C uses for one prefix: `net_run`, `NET_ARENA_BYTES`.
struct Names: Hashable, Sendable {
  /// In front of functions, tables and file names.
  let prefix: String
  /// In front of macros.
  let macro: String

  /// - Throws: `EmitError.prefix`.
  init(prefix: String) throws(EmitError) {
    let isName = prefix.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (byte < 0x80 && Character(UnicodeScalar(byte)).isLetter)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard isName, prefix.first?.isLetter == true, !["mnq", "port"].contains(prefix.lowercased())
    else { throw .prefix(prefix) }
    self.prefix = prefix
    macro = prefix.uppercased()
  }

  /// A template's text, written for the prefix `net`, under this prefix.
  func applied(to template: String) -> String {
    template.replacing("libnet.a", with: "lib\(prefix).a").replacing("net_", with: prefix + "_")
      .replacing("NET_", with: macro + "_").replacing("\"net.h\"", with: "\"\(prefix).h\"")
      .replacing("\"net.c\"", with: "\"\(prefix).c\"")
  }

  /// The struct of a layer.
  func layer(_ index: Int) -> String { "\(prefix)_layer\(index)" }

  /// A constant operand.
  func constant(_ tensor: Int) -> String { "\(prefix)_constant\(tensor)" }
}
