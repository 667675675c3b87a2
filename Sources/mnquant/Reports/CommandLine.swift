internal import FoundationEssentials

/// A command as a shell takes it.
struct CommandLine {
  private(set) var words: [String]

  /// These words.
  init(words: [String]) { self.words = words }

  /// `mnquant NAME`.
  init(_ name: String) { words = ["mnquant", name] }

  /// As it was typed, with the tool's name in front.
  static var typed: CommandLine {
    CommandLine(words: ["mnquant"] + ProcessInfo.processInfo.arguments.dropFirst())
  }

  /// Adds an option with its value, where there is one.
  mutating func add(_ option: String, _ value: String?) {
    if let value { words += [option, value] }
  }

  /// Adds an option whose value may begin with a minus.
  mutating func add(_ option: String, numbers: [String]) {
    words.append("\(option)=" + numbers.joined(separator: ","))
  }

  /// Adds a flag.
  mutating func add(_ flag: String, if isSet: Bool) {
    if isSet { words.append(flag) }
  }

  /// Adds words that were typed.
  mutating func add(words typed: some Sequence<String>) { words += typed }

  /// The line, with quotes around what means something to a shell.
  var text: String { words.map(Self.quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./,:=+@%".utf8.contains(byte)
      }
    }
    return plain && !word.isEmpty
      ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// `path` from the working directory, where it lies below it, else as it is.
  static func path(_ path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }
}
