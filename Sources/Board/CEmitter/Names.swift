internal import BoardKernels

/// The names that emitted C uses for one prefix: `net_run`, `NET_ARENA_BYTES`.
struct Names: Hashable, Sendable {
  /// In front of functions, tables and file names.
  let prefix: String
  /// In front of macros.
  let macro: String

  /// Bytes of the longest prefix: C promises 63 of an internal name, and file names have an end.
  static let mostBytes = 40

  /// - Throws: `EmitError.prefix`.
  init(prefix: String) throws(EmitError) {
    let bytes = Array(prefix.utf8)
    guard let first = bytes.first, Self.isLetter(first), bytes.allSatisfy(Self.isWord) else {
      throw .prefix(prefix, .notAName)
    }
    guard bytes.count <= Self.mostBytes else { throw .prefix(prefix, .tooLong(bytes.count)) }
    // Before another underscore: two of them are the implementation's in C++.
    guard bytes.last != UInt8(ascii: "_"), !prefix.contains("__") else {
      throw .prefix(prefix, .reserved)
    }
    if let reason = TakenNames.reason(prefix) { throw .prefix(prefix, .taken(reason)) }
    self.prefix = prefix
    macro = prefix.uppercased()
  }

  /// A template's text, written for the prefix `net`, under this prefix: word by word, so that a
  /// prefix with `net` in it is no template again.
  func applied(to template: String) -> String {
    let bytes = Array(template.utf8)
    var (text, start): ([UInt8], Int) = ([], 0)
    while start < bytes.count {
      var end = start
      while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
      if end == start {
        text.append(bytes[start])
        start += 1
        continue
      }
      let word = String(decoding: bytes[start..<end], as: UTF8.self)
      text += renamed(word, followedBy: bytes[end...].prefix(2)).utf8
      start = end
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func renamed(_ word: String, followedBy next: ArraySlice<UInt8>) -> String {
    if word.hasPrefix("net_") { return prefix + word.dropFirst(3) }
    if word.hasPrefix("NET_") { return macro + word.dropFirst(3) }
    let ending = String(decoding: next, as: UTF8.self)
    if word == "net", [".h", ".c"].contains(ending) { return prefix }
    if word == "libnet", ending == ".a" { return "lib" + prefix }
    return word
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// The object that holds every table.
  var tables: String { "\(prefix)_tables" }

  /// The object that holds the structs of layers.
  var layers: String { "\(prefix)_layers" }

  /// The struct of a layer.
  func layer(_ index: Int) -> String { "\(layers).\(Self.layerField(index))" }

  /// The same without the object that holds it; the beginning of its tables' names, too.
  static func layerField(_ index: Int) -> String { "layer\(index)" }

  /// A table, a constant operand's included.
  func table(_ key: TableLayout.Key) -> String { "\(tables).\(Self.tableField(key))" }

  /// The same without the object that holds it.
  static func tableField(_ key: TableLayout.Key) -> String {
    switch key {
    case .layer(let index, let name): "\(layerField(index))_\(name)"
    case .constant(let tensor): "constant\(tensor)"
    }
  }
}
