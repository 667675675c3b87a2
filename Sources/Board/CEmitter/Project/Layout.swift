internal import Boards
internal import QuantizedIR

/// For whose tools a firmware folder is laid out. The raw value is the command-line spelling.
package enum Layout: String, CaseIterable, Hashable, Sendable {
  /// For make and CMake.
  case plain
  case platformio
  case arduino
  case espIDF = "esp-idf"
  case zephyr
  case cmsisPack = "cmsis-pack"
  case picoSDK = "pico-sdk"
  case stm32cube
  /// A SwiftPM package, for hosts and as Embedded Swift.
  case swift
}

extension Layout {
  /// What the layout is for this library; `nil` where files stay where they are.
  ///
  /// - Throws: `EmitError.prefix` where the ecosystem has the prefix for itself, `.board`.
  func ecosystem(_ library: Library) throws(EmitError) -> Ecosystem? {
    switch self {
    case .plain: nil
    case .platformio: .platformIO(library)
    case .arduino: .arduino(library)
    case .espIDF: .espIDF(library)
    case .zephyr: .zephyr(library)
    case .cmsisPack: .cmsisPack(library)
    case .picoSDK: .picoSDK(library)
    case .stm32cube: .stm32Cube(library)
    case .swift: try .swift(library)
    }
  }
}

/// What project files tell of a network's library. No text that a model brings along stands in them as it
/// is.
struct Library {
  let names: Names
  let board: Board
  let model: QuantizedModel
  /// Three numbers: of the tool that made the model.
  let version: String
  /// The paths of the plain layout's C files, the network and its kernels.
  let sources: [String]
  /// The paths of `net.h`, of `net.hpp` and of all that they include.
  let headers: [String]

  /// - Parameter files: Of the plain layout: those that a program compiles or includes.
  init(_ files: [EmittedFile], _ names: Names, _ board: Board, _ model: QuantizedModel) {
    self.names = names
    self.board = board
    self.model = model
    version = model.provenance.toolVersion
    sources = files.map(\.path).filter { $0.hasSuffix(".c") }
    let texts = Dictionary(files.map { ($0.path, $0.text) }) { $1 }
    var open = ["h", "hpp"].map { "include/\(names.prefix).\($0)" }
    var found: Set<String> = []
    while let path = open.popLast() {
      guard let text = texts[path], found.insert(path).inserted else { continue }
      open += text.matches(of: #/(?m)^#include "(\w+\.h)"/#).map { "runtime/\($0.output.1)" }
    }
    headers = found.sorted()
  }

  /// The C files in a folder of an ecosystem's, as a list in a build file.
  func list(in folder: String, separator: String) -> String {
    sources.map { folder + Ecosystem.name($0) }.joined(separator: separator)
  }

  /// One line for people.
  var description: String { "int8 network as C99 for \(board.name), made by mnquant" }
}

/// Where the users of an ecosystem look for the files of a library, what project files they expect
/// beside them, and what they type. A folder ends in `/`.
struct Ecosystem {
  /// Headers that a program includes.
  var headers = "include/"
  /// Network and kernels, with the headers that nobody else includes.
  var sources = "src/"
  /// The self-test: a function there, since ecosystems have a `main` of their own.
  let selfTest: String
  /// Whether the self-test prints by the C library.
  var printsToStdout = true
  /// Files of the plain layout that go elsewhere; `nil` for those that it has not.
  var exceptions: [String: String?] = [:]
  /// What the ecosystem's tools read.
  let project: [EmittedFile]
  /// What users type, and what it does: for the README.
  let commands: [(command: String, does: String)]
  /// What says how the library is optimized: for the README.
  let optimization: String

  /// The files of the plain layout that this one has, where it has them, and those of its own.
  func arranged(_ plain: [EmittedFile], _ library: Library) -> [EmittedFile] {
    plain.compactMap { file in
      place(of: file.path, library).map { EmittedFile(path: $0, text: text(of: file)) }
    } + project.map { $0.licensed(EmittedFile.license) }
  }

  /// `nil` for files of the plain layout alone.
  private func place(of path: String, _ library: Library) -> String? {
    if let place = exceptions[path] { return place }
    let prefix = library.names.prefix
    let name = Self.name(path)
    return switch path {
    case "README.md", "\(prefix).json": path
    case "main.c": "\(selfTest)\(prefix)_self_test.c"
    case "validate.c": "\(selfTest)\(prefix)_validate.c"
    case "port/port.h", "include/\(prefix)_selftest.h": selfTest + name
    case "port/port_host.c": printsToStdout ? selfTest + name : nil
    case "Makefile", "CMakeLists.txt": nil
    default:
      path.hasPrefix("port/") ? nil : (library.headers.contains(path) ? headers : sources) + name
    }
  }

  /// Programs without `main`, their last function.
  private func text(of file: EmittedFile) -> String {
    guard ["main.c", "validate.c"].contains(file.path),
      let main = file.text.firstRange(of: "\nint main(void)\n")
    else {
      return file.text
    }
    return String(file.text[..<main.lowerBound])
  }

  /// The last part of a path.
  static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }
}

extension Provenance {
  /// Three numbers, zeros where the tool has none.
  var toolVersion: String {
    tool.firstMatch(of: #/\d+\.\d+\.\d+/#).map { String($0.output) } ?? "0.0.0"
  }
}
