internal import FoundationEssentials

/// A board's JSON file, checked key by key: whatever is wrong in it is one sentence, and what it
/// brings into Makefiles and comments are characters that mean nothing there.
struct BoardFile {
  private let file: String
  private let members: [String: JSONValue]

  /// More than any board needs.
  static let mostBytes = 64 * 1024

  private static let boardKeys = [
    "clockMHz", "core", "emulator", "flags", "flashBytes", "flashLineBytes", "flashWaitStates",
    "instructionSet", "name", "notes", "ramBytes", "runsFromRAM", "title", "toolchain",
  ]
  private static let emulatorKeys = [
    "command", "linkFlags", "linkerScript", "picosecondsPerTick", "sources", "uart", "uartAddress",
  ]
  private static let memory = 1024...1 << 30

  /// - Throws: `BoardError.invalid`.
  init(_ bytes: [UInt8], file: String) throws(BoardError) {
    guard bytes.count <= Self.mostBytes else {
      throw .invalid(file: file, .tooLarge(bytes: bytes.count, most: Self.mostBytes))
    }
    guard let value = JSONValue(bytes) else { throw .invalid(file: file, .notJSON) }
    guard case .object(let members) = value else {
      throw .invalid(file: file, .wrongType(key: nil, expected: "an object", found: value.kind))
    }
    self.file = file
    self.members = members
  }

  private init(file: String, members: [String: JSONValue]) {
    self.file = file
    self.members = members
  }

  /// The board.
  func board() throws(BoardError) -> Board {
    try refuseOtherKeys(Self.boardKeys)
    let core = try text("core", .core)
    return Board(
      name: try text("name", .name), title: try text("title", .sentence), core: core,
      instructionSet: try instructionSet(of: core),
      flashBytes: try number("flashBytes", Self.memory),
      ramBytes: try number("ramBytes", Self.memory), toolchain: try text("toolchain", .path),
      flags: try texts("flags", .argument), emulator: try emulator(),
      notes: members["notes"] == nil ? nil : try text("notes", .sentence),
      runsFromRAM: try truth("runsFromRAM"), clock: try clock())
  }

  /// Without wait states where the file names none.
  private func clock() throws(BoardError) -> Board.Clock? {
    let keys = ["clockMHz", "flashWaitStates", "flashLineBytes"]
    guard keys.contains(where: { members[$0] != nil }) else { return nil }
    return Board.Clock(
      megahertz: try number("clockMHz", 1...10_000),
      flashWaitStates: members["flashWaitStates"] == nil
        ? 0 : try number("flashWaitStates", 0...100),
      flashLineBytes: members["flashLineBytes"] == nil
        ? 16 : try number("flashLineBytes", 4...1024))
  }

  /// What the file says, or what is known of the core.
  private func instructionSet(of core: String) throws(BoardError) -> InstructionSet {
    guard members["instructionSet"] != nil else {
      if let known = InstructionSet(core: core) { return known }
      throw fault(.unknownCore(core))
    }
    let name = try text("instructionSet", .instructionSet)
    guard let instructionSet = InstructionSet(rawValue: name) else {
      preconditionFailure("BoardText allows none but these")
    }
    return instructionSet
  }

  private func emulator() throws(BoardError) -> Emulator? {
    guard let value = members["emulator"] else { return nil }
    guard case .object(let members) = value else {
      throw fault(.wrongType(key: "emulator", expected: "an object", found: value.kind))
    }
    let part = BoardFile(file: file, members: members)
    try part.refuseOtherKeys(Self.emulatorKeys)
    let emulator = Emulator(
      command: try part.texts("command", .argument), sources: try part.texts("sources", .name),
      linkerScript: try part.text("linkerScript", .name),
      linkFlags: try part.texts("linkFlags", .argument),
      picosecondsPerTick: members["picosecondsPerTick"] == nil
        ? nil : try part.number("picosecondsPerTick", 1...1_000_000_000),
      uart: members["uart"] == nil
        ? nil
        : Emulator.Uart(
          source: try part.text("uart", .name),
          address: try part.number("uartAddress", 0...Int(UInt32.max))))
    guard !emulator.command.isEmpty else {
      throw fault(.text(key: "command", expected: "a program to run", found: "nothing"))
    }
    let keys =
      emulator.sources.map { ("sources", $0) } + [("linkerScript", emulator.linkerScript)]
      + (emulator.uart.map { [("uart", $0.source)] } ?? [])
    for (key, name) in keys
    where !BoardCatalog.supportFiles.contains(name) {
      throw fault(
        .text(
          key: key, expected: "a file that comes with mnquant", found: name))
    }
    return emulator
  }

  private func fault(_ fault: BoardFileFault) -> BoardError { .invalid(file: file, fault) }

  private func refuseOtherKeys(_ known: [String]) throws(BoardError) {
    if let key = members.keys.sorted().first(where: { !known.contains($0) }) {
      throw fault(.unknownKey(key, known: known))
    }
  }

  private func value(_ key: String) throws(BoardError) -> JSONValue {
    guard let value = members[key] else { throw fault(.missing(key)) }
    return value
  }

  private func truth(_ key: String) throws(BoardError) -> Bool {
    guard let value = members[key] else { return false }
    guard case .truth(let truth) = value else {
      throw fault(.wrongType(key: key, expected: "true or false", found: value.kind))
    }
    return truth
  }

  private func number(_ key: String, _ range: ClosedRange<Int>) throws(BoardError) -> Int {
    let value = try value(key)
    guard case .number(let number) = value else {
      throw fault(.wrongType(key: key, expected: "a number", found: value.kind))
    }
    guard let whole = Int(exactly: number), range.contains(whole) else {
      throw fault(.outOfRange(key: key, range: range, found: number))
    }
    return whole
  }

  private func text(_ key: String, _ form: BoardText) throws(BoardError) -> String {
    try text(try value(key), of: key, form)
  }

  private func text(
    _ value: JSONValue, of key: String, _ form: BoardText
  ) throws(BoardError) -> String {
    guard case .text(let text) = value else {
      throw fault(.wrongType(key: key, expected: "a string", found: value.kind))
    }
    guard form.allows(text) else {
      throw fault(.text(key: key, expected: form.expectation, found: text))
    }
    return text
  }

  private func texts(_ key: String, _ form: BoardText) throws(BoardError) -> [String] {
    let value = try value(key)
    guard case .list(let values) = value else {
      throw fault(.wrongType(key: key, expected: "a list of strings", found: value.kind))
    }
    return try values.map { value throws(BoardError) in try text(value, of: key, form) }
  }
}

/// What is wrong in a board's file.
package enum BoardFileFault: Hashable, Sendable {
  case tooLarge(bytes: Int, most: Int)
  case notJSON
  case unknownKey(String, known: [String])
  case missing(String)
  /// `key` is `nil` for the file as a whole.
  case wrongType(key: String?, expected: String, found: String)
  case outOfRange(key: String, range: ClosedRange<Int>, found: Double)
  case text(key: String, expected: String, found: String)
  /// A core of which nothing says what instructions it has.
  case unknownCore(String)
}

extension BoardFileFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLarge(let bytes, let most):
      "expected the JSON object of a board, at most \(most) bytes, and found \(bytes)"
    case .notJSON: "expected the JSON object of a board, and this is not JSON"
    case .unknownKey(let key, let known):
      "\(Self.quoted(key)) is no key of a board file; expected one of \(known.joined(separator: ", "))"
    case .missing(let key): "the key \"\(key)\" is missing; add it"
    case .wrongType(let key, let expected, let found):
      (key.map { "\"\($0)\"" } ?? "the file") + " is \(found); expected \(expected)"
    case .outOfRange(let key, let range, let found):
      "\"\(key)\" is \(Self.number(found)); expected a whole number in "
        + "\(range.lowerBound) to \(range.upperBound)"
    case .text(let key, let expected, let found):
      "\"\(key)\" holds \(Self.quoted(found)); expected \(expected)"
    case .unknownCore(let core):
      "\"core\" holds \(Self.quoted(core)), and nothing says what instructions that has; add "
        + "\"instructionSet\": \"portable\", for kernels of C alone"
    }
  }

  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  /// In quotes, on one line, and short.
  private static func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
      (0x20..<0x7F).contains(scalar.value) && scalar != "\""
        ? String(scalar)
        : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return "\"" + shown.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
  }
}

/// A JSON value as it stands in a file, whatever was expected.
enum JSONValue: Decodable {
  case nothing
  case truth(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// `nil` where the bytes are not JSON.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
      return nil
    }
    self = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .nothing
    } else if let truth = try? container.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .nothing: "null"
    case .truth: "true or false"
    case .number: "a number"
    case .text: "a string"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// What can go wrong with a board.
package enum BoardError: Error, Hashable, Sendable {
  /// No board has this name.
  case unknown(String, known: [String])
  /// A file that belongs to the tool is missing or damaged.
  case unreadable(file: String, reason: String)
  /// A board's file does not say what it must.
  case invalid(file: String, BoardFileFault)
  /// The firmware needs more than the board has; `roomier` is a board of the same kind of
  /// processor that has enough.
  case doesNotFit(Board, Budget, roomier: String?)
}

extension BoardError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .unknown(let name, let known):
      "board '\(name)' is not known; choose one of: \(known.joined(separator: ", ")). "
        + "A board of your own is a file: --target ./\(name).json."
    case .unreadable(let file, let reason):
      "board file \(file) cannot be read: \(reason). Build the tool again."
    case .invalid(let file, let fault): "\(file): \(fault)."
    case .doesNotFit(let board, let budget, let roomier):
      Self.shortfalls(board, budget).joined(separator: ", and ")
        + "; a smaller \(Self.advice(board, budget)) would help, or "
        + (roomier.map { "the board \($0), where it fits: `mnquant targets` lists all" }
          ?? "a board with more memory: `mnquant targets` lists none of this processor's kind")
    }
  }

  private static func shortfalls(_ board: Board, _ budget: Budget) -> [String] {
    var parts: [String] = []
    if budget.flashBytes > board.flashBytes {
      parts.append(
        shortfall("flash", needed: budget.flashBytes, available: board.flashBytes, board)
          + " (\(kibibytes(budget.tableBytes)) of them tables)")
    }
    if board.ramBytes(for: budget) > board.ramBytes {
      let rest = board.runsFromRAM ? "; code and tables are in RAM here, too)" : ")"
      parts.append(
        shortfall("RAM", needed: board.ramBytes(for: budget), available: board.ramBytes, board)
          + " (layer '\(budget.largestLayer)' alone needs \(kibibytes(budget.largestLayerBytes))"
          + rest)
    }
    return parts
  }

  /// What decides about flash and RAM.
  private static func advice(_ board: Board, _ budget: Budget) -> String {
    let isShortOfRAM = board.ramBytes(for: budget) > board.ramBytes
    return switch (budget.flashBytes > board.flashBytes, isShortOfRAM) {
    case (true, true): "width multiplier and input"
    case (true, false): "width multiplier or number of classes"
    case (false, _): "input or width multiplier"
    }
  }

  private static func shortfall(
    _ memory: String, needed: Int, available: Int, _ board: Board
  ) -> String {
    "needs \(kibibytes(needed)) of \(memory), \(board.name) has \(kibibytes(available)): "
      + "\(kibibytes(needed - available)) too much"
  }

  /// Rounded up, so that a shortfall is never 0.
  private static func kibibytes(_ bytes: Int) -> String { "\((bytes + 1023) / 1024) KiB" }
}
