/// What int8 costs a bundled model, with default options, as the accuracy tests measure it: an entry
/// of `Baselines.json`.
struct ModelBaseline: Decodable {
  let model: String
  /// Share of the data set's test images.
  let floatTop1: Double
  /// Int8 minus float, in points of a hundred.
  let deltaTop1Points: Double

  /// Share of the data set's test images.
  var int8Top1: Double { ((100 * floatTop1 + deltaTop1Points) * 10_000).rounded() / 1_000_000 }
}
