private import Glibc

/// What a batch's logits are worth against what they should say.
package struct BatchLoss {
  /// The mean over the images.
  let loss: Double
  /// Images whose largest logit is that of the largest target.
  let correct: Int
  /// Of the mean, `[image][class]`.
  package let gradient: [Float]
}

/// The cross-entropy of softmax, or of the logistic function where there is one output.
package enum CrossEntropy {
  /// - Parameters:
  ///   - logits: `[image][class]`.
  ///   - targets: The probability that each class should have, as many.
  package static func loss(
    _ logits: UnsafePointer<Float>, _ targets: [Float], images: Int, classes: Int
  ) -> BatchLoss {
    precondition(targets.count == images * classes)
    var (sum, correct) = (0.0, 0)
    var gradient = [Float](repeating: 0, count: images * classes)
    for image in 0..<images {
      let row = UnsafeBufferPointer(start: logits + image * classes, count: classes)
      let wanted = targets[image * classes..<(image + 1) * classes]
      let (loss, found) = classes == 1 ? logistic(row, wanted) : softmax(row, wanted)
      sum += loss
      if isRight(row, wanted) { correct += 1 }
      for (c, probability) in found.enumerated() {
        gradient[image * classes + c] =
          Float((probability - Double(wanted[wanted.startIndex + c])) / Double(images))
      }
    }
    return BatchLoss(loss: sum / Double(images), correct: correct, gradient: gradient)
  }

  private static func softmax(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> (Double, [Double]) {
    let largest = Double(logits.max() ?? 0)
    let powers = logits.map { exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    let loss = zip(logits, targets).reduce(0.0) {
      $0 - Double($1.1) * (Double($1.0) - largest - log(sum))
    }
    return (loss, powers.map { $0 / sum })
  }

  private static func logistic(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> (Double, [Double]) {
    let (x, target) = (Double(logits[0]), Double(targets[targets.startIndex]))
    // log(1 + exp(x)) without overflow.
    let loss = max(x, 0) - x * target + log1p(exp(-abs(x)))
    return (loss, [1 / (1 + exp(-x))])
  }

  private static func isRight(
    _ logits: UnsafeBufferPointer<Float>, _ targets: ArraySlice<Float>
  ) -> Bool {
    guard logits.count > 1 else { return (logits[0] > 0) == (targets[targets.startIndex] > 0.5) }
    let wanted = targets.indices.max { targets[$0] < targets[$1] } ?? targets.startIndex
    let found = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    return found == wanted - targets.startIndex
  }
}
