/// Everything that decides what a training gives, besides the network and the data.
package struct TrainingPlan: Hashable, Codable, Sendable {
  package var epochs = 30
  /// Images of a step.
  package var batch = 128
  package var optimizer = Optimizer.nesterov(momentum: 0.9, decay: 5e-5)
  package var rate = RateSchedule(.oneCycle, peak: 0.2, warmUp: 0.05)
  package var smoothing: Float = 0.1
  package var dropout: Float = 0
  package var mixing: Mixing?
  package var augmentation = Augmentation.small
  /// The share of the weights' moving average that stays at each step; `nil` for none.
  package var average: Double? = 0.999
  /// Images of the training split that are held out, spread evenly over it.
  package var validation = 0
  package var seed: UInt64 = 1
  /// After how many epochs without a smaller loss on held-out images the training ends, with the
  /// weights of the best; `nil` for all epochs and the last weights.
  package var patience: Int?
  /// How often a classifier that is new sees the images before everything else learns.
  package var headEpochs = 0
  /// Whether batch normalizations keep the statistics that they came with.
  package var keepsStatistics = false

  package init() {}

  /// The steps of an epoch over `images`; the rest of them wait for the next epoch's order.
  package func steps(images: Int) -> Int { images / batch }
}

/// One epoch's results, as `history.csv` has them.
package struct EpochRecord: Hashable, Codable, Sendable {
  /// From 1.
  package var epoch: Int
  /// At its end.
  package var rate: Double
  /// Means over the epoch's steps, with augmentation, smoothing and mixing.
  package var trainingLoss: Double
  package var trainingAccuracy: Double
  /// Of the images held out, with the weights' average; `nil` without such images.
  package var validationLoss: Double?
  package var validationAccuracy: Double?

  /// A record by its parts, without those of images held out.
  package init(epoch: Int, rate: Double, trainingLoss: Double, trainingAccuracy: Double) {
    (self.epoch, self.rate) = (epoch, rate)
    (self.trainingLoss, self.trainingAccuracy) = (trainingLoss, trainingAccuracy)
  }
}
