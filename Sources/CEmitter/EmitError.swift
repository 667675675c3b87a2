package import Boards

/// Why no firmware can be written.
package enum EmitError: Error, Hashable, Sendable {
  /// The prefix does not begin a C identifier, or is taken.
  case prefix(String)
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
    case .prefix(let prefix):
      "prefix '\(prefix)' cannot begin C names: expected a letter, then letters, digits or "
        + "underscores, and neither mnq nor port. Choose another --prefix."
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
