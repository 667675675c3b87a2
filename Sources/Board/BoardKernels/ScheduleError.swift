/// Why no board can run a model.
package enum ScheduleError: Error, Hashable, Sendable {
  /// The model has no layer.
  case noLayers(model: String)
  /// A layer computes on constants alone, or writes one.
  case constantLayer(String)
  /// No plan found has an arena as small as that.
  case arenaLimit(Int, smallest: Int)
}

extension ScheduleError: CustomStringConvertible {
  /// What, where, expected and found, what to do.
  package var description: String {
    switch self {
    case .noLayers(let model):
      "\(model): the model has no layers, so there is nothing to emit. Check the source model."
    case .constantLayer(let layer):
      "layer '\(layer)' reads or writes constants alone. Fold it before emitting."
    case .arenaLimit(let limit, let smallest):
      "no plan keeps the arena within \(limit) bytes: the smallest found takes \(smallest). Raise "
        + "the limit, or choose a smaller input or width multiplier."
    }
  }
}
