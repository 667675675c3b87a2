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

  /// `name` as the end of a C name, at most 32 bytes: what no name may hold becomes an underscore, of
  /// which no two follow one another.
  static func word(_ name: String) -> String {
    let parts = name.utf8.split { !isWord($0) || $0 == UInt8(ascii: "_") }
    let word = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "_")
    return word.isEmpty ? "0" : String(word.prefix(32))
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

/// Words that a prefix must not be, because a file or a name made of it would be taken for another.
enum TakenNames {
  /// Why `prefix` is taken; `nil` where it is free. Case does not matter: it does not on every file
  /// system.
  static func reason(_ prefix: String) -> String? {
    let word = prefix.lowercased()
    if word == "mnq" || word.hasPrefix("mnq_") { return "the runtime's names begin so" }
    if word == "port" || word.hasPrefix("port_") { return "the self-test's names begin so" }
    if word == "main" { return "main.c is the self-test, and main.h a board's header" }
    if keywords.contains(word) { return "it is a keyword of C or C++" }
    if standardHeaders.contains(word) { return "\(word).h is a header of the C library" }
    if systemHeaders.contains(word) { return "\(word).h is a header of an operating system" }
    if boardHeaders.contains(word) || boardPrefixes.contains(where: word.hasPrefix) {
      return "\(word).h is a header of a board or its compiler"
    }
    if buildWords.contains(word) { return "build tools take it for something else" }
    return nil
  }

  private static func words(_ list: String) -> Set<String> {
    Set(list.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// C23 (N3220, 6.4.1) and C++23 ([lex.key]), with C99's spellings.
  private static let keywords = words(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t
    char32_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
    constinit continue decltype default delete do double dynamic_cast else enum explicit export extern
    false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr
    operator or or_eq private protected public register reinterpret_cast requires restrict return short
    signed sizeof static static_assert static_cast struct switch template this thread_local throw true
    try typedef typeid typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t
    while xor xor_eq
    """)

  /// C23 (N3220, 7.1.2).
  private static let standardHeaders = words(
    """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
    stdarg stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdmchar stdnoreturn string
    tgmath threads time uchar wchar wctype
    """)

  /// POSIX.1-2024, and what C libraries for boards and hosts add.
  private static let systemHeaders = words(
    """
    aio alloca byteswap cpio dirent dlfcn elf endian envlib err error execinfo fcntl features fmtmsg
    fnmatch ftw getopt glob grp iconv ifaddrs langinfo ldsodefs libgen libintl link malloc memory
    mntent monetary mqueue ndbm netdb newlib nl_types poll pthread pty pwd regex resolv sched search
    semaphore shadow spawn stab stdint strings stropts sysexits syslog tar termios tgmath trace ucontext
    ulimit unistd unwind utime utmp utmpx values wait windows wordexp
    """)

  /// Of boards' packages, their systems and their compilers.
  private static let boardHeaders = words(
    """
    arduino board bsp cmsis config device esp freertos freertosconfig gpio hal io nrf nrfx pico picolibc
    pinout sdkconfig semihosting system task timers tinyusb tusb uart wprogram zephyr
    """)

  private static let boardPrefixes = [
    "arm_", "cmsis_", "core_cm", "esp_", "hal_", "nrf_", "nrfx_", "pico_", "stm32", "system_",
    "xtensa_",
  ]

  /// `libPREFIX.a` beside `libc`, CMake's own targets, and the Makefile's.
  private static let buildWords = words(
    "all build c check clean dependencies edit_cache gcc help install m package rebuild_cache rows run "
      + "supc stdc test uninstall")
}

/// Words of a model's as names of Swift's.
enum Identifiers {
  /// A case for each label: its words in camel case, `class7` where it has none, with its number where
  /// another has the same.
  static func cases(_ labels: [String]) -> [String] {
    let names = labels.enumerated().map { index, label in name(label) ?? "class\(index)" }
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    let taken = Set(names)
    return names.enumerated().map { index, name in
      guard counts[name] != 1 else { return escaped(name) }
      var unique = "\(name)_\(index)"
      while taken.contains(unique) { unique += "_" }
      return escaped(unique)
    }
  }

  /// Letters and digits of ASCII, which a name may hold; `nil` where there are none.
  private static func name(_ label: String) -> String? {
    let words = label.utf8.split { byte in
      !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }.map { String(decoding: $0, as: UTF8.self) }
    guard let first = words.first else { return nil }
    let camel = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let start =
      first.allSatisfy(\.isUppercase)
      ? first.lowercased()
      : first.prefix(1).lowercased() + first.dropFirst()
    let name = String((start + camel.joined()).prefix(60))
    return first.first?.isNumber == true ? "_" + name : name
  }

  /// Between backticks where it is a word of the language.
  private static func escaped(_ name: String) -> String {
    keywords.contains(name) ? "`\(name)`" : name
  }

  /// The Swift Programming Language, "Keywords and Punctuation": those that no name may be, and what every
  /// such enumeration has.
  private static let keywords = Set(
    """
    as associatedtype borrowing break case catch class consuming continue default defer deinit do else enum
    extension fallthrough false fileprivate for func guard hashValue if import in init inout internal is
    let nil nonisolated open operator precedencegroup private protocol public rawValue repeat rethrows
    return self static struct subscript super switch throw throws true try typealias var where while
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
