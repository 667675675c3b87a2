package import Boards

/// Why no firmware can be written.
package enum EmitError: Error, Hashable, Sendable {
  /// The prefix cannot begin the names of C code and its files.
  case prefix(String, PrefixProblem)
  /// The model has no layer.
  case noLayers(model: String)
  /// A layer computes on constants alone, or writes one.
  case constantLayer(String)
  /// No plan found has an arena as small as that.
  case arenaLimit(Int, smallest: Int)
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
    case .board(.doesNotFit), .fitsInStrips, .arenaLimit: true
    case .board, .prefix, .noLayers, .constantLayer, .runtimeFile: false
    }
  }
}

extension EmitError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .prefix(let prefix, let problem):
      "prefix '\(prefix)' cannot begin C names: \(problem). Choose another --prefix."
    case .noLayers(let model):
      "\(model): the model has no layers, so there is nothing to emit. Check the source model."
    case .constantLayer(let layer):
      "layer '\(layer)' reads or writes constants alone. Fold it before emitting."
    case .arenaLimit(let limit, let smallest):
      "no plan keeps the arena within \(limit) bytes: the smallest found takes \(smallest). Raise "
        + "the limit, or choose a smaller input or width multiplier."
    case .board(let error): error.description
    case .fitsInStrips(let error, let arenaLimit):
      "\(error); emit-c --arena-limit \(arenaLimit) would do, too: it computes the first layers in "
        + "strips"
    case .runtimeFile(let file, let reason):
      "runtime file \(file) cannot be read: \(reason). Build the tool again."
    }
  }
}
