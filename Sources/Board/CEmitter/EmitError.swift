package import BoardKernels
package import Boards

/// Why no firmware can be written.
package enum EmitError: Error, Hashable, Sendable {
  /// The prefix cannot begin the names of C code and its files.
  case prefix(String, PrefixProblem)
  /// No kernels or no plan.
  case schedule(ScheduleError)
  /// The board's or the runtime's files.
  case board(BoardError)
  /// The board is too small for whole layers, but not for an arena of `arenaLimit` bytes, with the
  /// first layers in strips.
  case fitsInStrips(BoardError, arenaLimit: Int)
  /// A file of the runtime, which belongs to the tool, is missing.
  case runtimeFile(String, reason: String)
}

/// What is wrong with a prefix.
package enum PrefixProblem: Hashable, Sendable, CustomStringConvertible {
  /// It is no C identifier that starts with a letter.
  case notAName
  /// With its length in bytes.
  case tooLong(Int)
  /// C or C++ keeps such names for itself.
  case reserved
  /// A file or a name would be taken for another; the reason says which.
  case taken(String)

  package var description: String {
    switch self {
    case .notAName: "expected a letter of a to z, then such letters, digits or underscores"
    case .tooLong(let bytes): "expected at most \(Names.mostBytes) characters, found \(bytes)"
    case .reserved: "two underscores in a row, and one before net's own, are reserved in C++"
    case .taken(let reason): reason
    }
  }
}

extension EmitError {
  /// Whether the model is sound and only memory is short.
  package var isShortage: Bool {
    switch self {
    case .board(.doesNotFit), .fitsInStrips, .schedule(.arenaLimit): true
    case .board, .prefix, .schedule, .runtimeFile: false
    }
  }
}

extension EmitError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .prefix(let prefix, let problem):
      "prefix '\(prefix)' cannot begin C names: \(problem). Choose another --prefix."
    case .schedule(let error): error.description
    case .board(let error): error.description
    case .fitsInStrips(let error, let arenaLimit):
      "\(error); emit-c --arena-limit \(arenaLimit) would do, too: it computes the first layers in "
        + "strips"
    case .runtimeFile(let file, let reason):
      "runtime file \(file) cannot be read: \(reason). Build the tool again."
    }
  }
}
