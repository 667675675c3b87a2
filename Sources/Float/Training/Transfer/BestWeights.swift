/// The weights of the epoch that did best on held-out images.
final class BestWeights {
  /// From 1; 0 before any.
  private(set) var epoch = 0
  private(set) var loss = Double.infinity
  let values: Floats
  let statistics: Floats

  init(_ parameters: Parameters) {
    values = Floats(parameters.values.array)
    statistics = Floats(parameters.statistics.array)
  }

  /// Takes the weights of `epoch`, where its loss is less than that of any before.
  func offer(_ values: Floats, _ statistics: Floats, epoch: Int, loss: Double) {
    guard loss < self.loss else { return }
    (self.epoch, self.loss) = (epoch, loss)
    self.values.copy(values)
    self.statistics.copy(statistics)
  }

  /// As a checkpoint kept it.
  func restore(epoch: Int, loss: Double) { (self.epoch, self.loss) = (epoch, loss) }
}
