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
