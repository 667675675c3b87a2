/// Predictions and sums over some of the images.
struct Tally: Sendable {
  /// One an image, in order.
  var predictions: [Prediction] = []
  var output = SignalSums()
  /// By layer of the int8 model; of those without a float counterpart the sums stay empty.
  var layers: [SignalSums]

  init(layerCount: Int) {
    layers = [SignalSums](repeating: SignalSums(), count: layerCount)
  }

  mutating func merge(_ other: Tally) {
    predictions += other.predictions
    output.merge(other.output)
    for index in layers.indices { layers[index].merge(other.layers[index]) }
  }
}
