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

/// Why training cannot begin or go on.
package enum TrainingError: Error, Hashable {
  /// A network with several inputs or outputs.
  case interface(inputs: Int, outputs: Int)
  /// An operator that has no gradient here.
  case operation(node: String, String)
  /// Codes of a file that is quantized already.
  case quantized(node: String)
  /// Fewer images than a batch has.
  case tooFewImages(path: String, found: Int, batch: Int)
  case noLabels(path: String)
  /// Labels of one class alone, which teach nothing.
  case oneClass(path: String)
  case classes(path: String, network: Int, found: Int)
  /// The loss is infinite or not a number.
  case diverged(epoch: Int, step: Int, rate: Double)
  /// Weights that are no integers any more.
  case integers(String)
  case data(String)
  /// A checkpoint of another network or other options.
  case checkpoint(path: String, expected: String, found: String)
  case damagedCheckpoint(path: String, String)
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .interface(let inputs, let outputs):
      "the network has \(inputs) inputs and \(outputs) outputs; only one of each can be trained: "
        + "train it in the framework that it comes from"
    case .operation(let node, let name):
      "node '\(node)' (\(name)) cannot be trained through; cut the network after its logits, or "
        + "train it elsewhere and give the weights"
    case .quantized(let node):
      "node '\(node)' rounds to codes: the model is quantized already; train the float model that it "
        + "was made from"
    case .tooFewImages(let path, let found, let batch):
      "\(path): \(found) images to train on and batches of \(batch); expected at least one batch: "
        + "lower --batch or --validation"
    case .noLabels(let path): "\(path) has no labels; training needs one for each image"
    case .oneClass(let path):
      "\(path): all images belong to one class; expected at least two to tell apart"
    case .classes(let path, let network, let found):
      "\(path) has \(found) classes and the network \(network) outputs; expected as many: say "
        + "classes=\(found) in --architecture"
    case .diverged(let epoch, let step, let rate):
      "the loss is no finite number any more in epoch \(epoch), step \(step), at a rate of \(rate); "
        + "lower --rate, or raise --warm-up"
    case .integers(let problem): "\(problem), after training for a while: lower --rate"
    case .data(let problem): problem
    case .checkpoint(let path, let expected, let found):
      "\(path) belongs to another training: \(found), not \(expected); name another --checkpoint, "
        + "or remove it to begin anew"
    case .damagedCheckpoint(let path, let problem):
      "\(path) is no checkpoint: \(problem); remove it to begin anew"
    }
  }
}
