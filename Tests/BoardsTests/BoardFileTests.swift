import Boards
import Testing

/// A user's own board file: what is wrong in it is told in one sentence, and nothing in it can reach
/// make, a shell or C as anything but plain text.
@Suite struct BoardFileTests {
  /// A board in full, as text by key.
  private static let members = [
    "name": #""mine""#, "title": #""My board""#, "core": #""cortex-m4""#, "flashBytes": "524288",
    "ramBytes": "131072", "toolchain": #""arm-none-eabi-""#,
    "flags": #"["-mcpu=cortex-m4", "-mthumb"]"#,
  ]

  private static let emulator = [
    "command": #"["qemu-system-arm", "-M", "mps2-an386", "-kernel"]"#,
    "sources": #"["start_cortex_m.c", "count_systick.c", "semihosting.c", "port_image.c"]"#,
    "linkerScript": #""mps2.ld""#, "linkFlags": #"["-nostartfiles"]"#,
    "picosecondsPerTick": "40000",
  ]

  private static func object(_ members: [String: String]) -> String {
    "{" + members.sorted { $0.key < $1.key }.map { "\"\($0)\": \($1)" }.joined(separator: ", ")
      + "}"
  }

  private static func board(_ text: String) throws(BoardError) -> Board {
    try Board(json: Array(text.utf8), file: "my.json")
  }

  /// The sentence that `text` is refused with.
  private static func refusal(_ text: String) -> String? {
    do throws(BoardError) {
      _ = try board(text)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func aWholeFileIsABoard() throws {
    var members = Self.members
    members["emulator"] = Self.object(Self.emulator)
    members["notes"] = #""A note.""#
    members["runsFromRAM"] = "true"
    let board = try Self.board(Self.object(members))
    #expect(board.name == "mine" && board.flashBytes == 524_288 && board.ramBytes == 131_072)
    #expect(board.emulator?.linkerScript == "mps2.ld" && board.runsFromRAM)
    #expect(board.notes == "A note." && board.flags.count == 2)
    let bare = try Self.board(Self.object(Self.members))
    #expect(!bare.runsFromRAM && bare.clock == nil)
  }

  /// Flash without wait states where the file names none; none without a clock.
  @Test func aClockHasItsFlash() throws {
    var members = Self.members
    members["clockMHz"] = "120"
    let plain = try #require(try Self.board(Self.object(members)).clock)
    #expect(plain.megahertz == 120 && plain.flashWaitStates == 0 && plain.flashLineBytes == 16)
    members["flashWaitStates"] = "5"
    members["flashLineBytes"] = "8"
    let slow = try #require(try Self.board(Self.object(members)).clock)
    #expect(slow.flashWaitStates == 5 && slow.flashLineBytes == 8)
    members["clockMHz"] = nil
    #expect(
      Self.refusal(Self.object(members)) == "my.json: the key \"clockMHz\" is missing; add it.")
  }

  @Test(arguments: [
    ("", "my.json: expected the JSON object of a board, and this is not JSON."),
    ("{", "my.json: expected the JSON object of a board, and this is not JSON."),
    ("[]", "my.json: the file is a list; expected an object."),
    ("7", "my.json: the file is a number; expected an object."),
  ])
  func whatIsNoObjectIsTold(_ text: String, _ sentence: String) {
    #expect(Self.refusal(text) == sentence)
  }

  @Test func whatIsTooLongIsTold() {
    let sentence = Self.refusal(String(repeating: " ", count: 70_000))
    #expect(sentence?.hasSuffix("at most 65536 bytes, and found 70000.") == true)
    #expect(Self.refusal(String(repeating: "[", count: 60_000))?.hasSuffix("is not JSON.") == true)
  }

  @Test func everyMissingKeyIsNamed() {
    for key in Self.members.keys {
      var members = Self.members
      members[key] = nil
      #expect(
        Self.refusal(Self.object(members)) == "my.json: the key \"\(key)\" is missing; add it.")
    }
    for key in Self.emulator.keys where key != "picosecondsPerTick" {
      var (members, emulator) = (Self.members, Self.emulator)
      emulator[key] = nil
      members["emulator"] = Self.object(emulator)
      #expect(
        Self.refusal(Self.object(members)) == "my.json: the key \"\(key)\" is missing; add it.")
    }
  }

  @Test func everyOtherKeyIsNamed() {
    for key in ["flash", "Name", "", "a\\u202eb"] {
      var members = Self.members
      members[key] = "1"
      let sentence = Self.refusal(Self.object(members)) ?? ""
      #expect(sentence.contains("is no key of a board file; expected one of clockMHz, core, "))
      #expect(sentence.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
    }
  }

  /// Every key with every kind of value that is not its own.
  @Test func everyWrongTypeIsNamed() {
    let values = ["null", "true", "1", #""x""#, "[]", "[1]", "{}"]
    let all = Self.members.merging([
      "runsFromRAM": "true", "notes": #""x""#, "clockMHz": "120", "flashWaitStates": "5",
      "flashLineBytes": "16",
    ]) { $1 }
    for (key, right) in all {
      for value in values where value.first != right.first && !(key == "flags" && value == "[]") {
        if right.first?.isNumber == true, value == "1" { continue }
        var members = Self.members
        members["clockMHz"] = "120"
        members[key] = value
        let sentence = Self.refusal(Self.object(members)) ?? ""
        #expect(sentence.hasPrefix("my.json: \"\(key)\" is "), "\(key): \(value): \(sentence)")
        #expect(sentence.contains("; expected "))
      }
    }
  }

  @Test(
    arguments: ["flashBytes", "ramBytes"],
    [
      "0", "-1", "1023", "1073741825", "1e300", "1.5", "-1e300", "9223372036854775808",
    ])
  func everySizeOutOfRangeIsTold(_ key: String, _ value: String) {
    var members = Self.members
    members[key] = value
    let sentence = Self.refusal(Self.object(members)) ?? ""
    #expect(sentence.hasPrefix("my.json: \"\(key)\" is "))
    #expect(sentence.hasSuffix("; expected a whole number in 1024 to 1073741824."))
  }

  /// Every character that is not plain, in every string that reaches a Makefile or a shell.
  @Test func nothingButPlainTextPasses() {
    let plain = "abcXYZ019"
    let marks = Set("._-+/=,:@")
    var scalars = (UInt32(1)..<0x80).compactMap(UnicodeScalar.init)
    scalars += [0xE9, 0x300, 0x202E, 0x2028, 0xFEFF, 0x1F600].compactMap(UnicodeScalar.init)
    func escaped(_ scalar: UnicodeScalar) -> String {
      scalar.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
    }
    var count = 0
    for scalar in scalars {
      let character = Character(scalar)
      let isAlphanumeric = scalar.isASCII && (character.isLetter || character.isNumber)
      let text = #""\#(plain)\#(escaped(scalar))""#
      for (key, value, allowed) in [
        ("name", text, Set("._-")), ("core", text, Set("._-")), ("toolchain", text, marks),
        ("flags", "[\(text)]", marks),
      ] {
        var members = Self.members
        members[key] = value
        members["instructionSet"] = #""portable""#
        let passes = Self.refusal(Self.object(members)) == nil
        #expect(passes == (isAlphanumeric || allowed.contains(character)), "\(key) \(scalar)")
        count += 1
      }
      for key in ["command", "linkFlags"] {
        var (members, emulator) = (Self.members, Self.emulator)
        emulator[key] = "[\(text)]"
        members["emulator"] = Self.object(emulator)
        let passes = Self.refusal(Self.object(members)) == nil
        #expect(passes == (isAlphanumeric || marks.contains(character)), "\(key) \(scalar)")
        count += 1
      }
      var members = Self.members
      members["title"] = text
      let passes = Self.refusal(Self.object(members)) == nil
      #expect(passes == (0x20..<0x7F).contains(scalar.value))
    }
    #expect(count == 6 * 133)
  }

  @Test(arguments: ["cortex-m4f", "cortex-m", "cortex-m5", "../m4", "", "-m4"])
  func coresWithoutKernelsAreRefused(_ core: String) {
    var members = Self.members
    members["core"] = "\"\(core)\""
    #expect(Self.refusal(Self.object(members))?.hasPrefix("my.json: \"core\" holds \"") == true)
  }

  /// Of a core that nobody knows, the file says itself what it can do.
  @Test func coresAreKnownOrTold() throws {
    var members = Self.members
    #expect(try Self.board(Self.object(members)).instructionSet == .dsp)
    members["core"] = #""rv32imafc""#
    #expect(
      Self.refusal(Self.object(members))
        == "my.json: \"core\" holds \"rv32imafc\", and nothing says what instructions that has; add "
        + "\"instructionSet\": \"portable\", for kernels of C alone.")
    members["instructionSet"] = #""portable""#
    #expect(try Self.board(Self.object(members)).instructionSet == .portable)
    members["instructionSet"] = #""neon""#
    #expect(
      Self.refusal(Self.object(members))
        == "my.json: \"instructionSet\" holds \"neon\"; expected one of portable, dsp, mve.")
  }

  @Test(arguments: [
    ("sources", #"["../main.c"]"#), ("sources", #"["missing.c"]"#), ("sources", #"["$(x).c"]"#),
    ("linkerScript", #""missing.ld""#), ("linkerScript", #""../mps2.ld""#), ("command", "[]"),
    ("picosecondsPerTick", "0"),
  ])
  func emulatorsNameWhatIsThere(_ key: String, _ value: String) {
    var (members, emulator) = (Self.members, Self.emulator)
    emulator[key] = value
    members["emulator"] = Self.object(emulator)
    #expect(Self.refusal(Self.object(members))?.hasPrefix("my.json: \"\(key)\" ") == true)
  }
}
