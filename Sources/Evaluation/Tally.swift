/// Counts and sums over some of the images.
struct Tally: Sendable {
  var images = 0
  var floatCorrect = 0
  var int8Correct = 0
  /// Images for which both networks put the same class first.
  var agreed = 0
  var output = SignalSums()
  /// By layer of the int8 model; of those without a float counterpart the sums stay empty.
  var layers: [SignalSums]

  init(layerCount: Int) {
    layers = [SignalSums](repeating: SignalSums(), count: layerCount)
  }

  mutating func merge(_ other: Tally) {
    images += other.images
    floatCorrect += other.floatCorrect
    int8Correct += other.int8Correct
    agreed += other.agreed
    output.merge(other.output)
    for index in layers.indices { layers[index].merge(other.layers[index]) }
  }
}
