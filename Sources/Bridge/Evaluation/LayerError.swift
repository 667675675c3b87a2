/// How far one layer's int8 output is from the float network's, over all images.
package struct LayerError: Hashable, Sendable {
  /// The layer's name in the int8 model.
  package let name: String
  /// Signal over noise in decibels; `nil` where there is no signal, or no noise.
  package let sqnrDB: Double?
  /// Of the angle between the two outputs, all images in one vector.
  package let cosine: Double
  /// The share of float values more than half a step beyond what the codes can express.
  package let saturated: Double

  init(name: String, _ sums: SignalSums) {
    self.name = name
    sqnrDB = sums.sqnrDB
    cosine = sums.cosine
    saturated = sums.saturated
  }
}
