internal import QuantizedIR

extension Broadcast {
  /// Whether an operand with these strides has the output's shape.
  func isWhole(_ strides: [Int]) -> Bool {
    shape.indices.allSatisfy { axis in
      shape[axis] == 1 || strides[axis] == shape[(axis + 1)...].reduce(1, *)
    }
  }

  /// Whether an operand with these strides has one value a channel, the last axis.
  func isOfChannels(_ strides: [Int]) -> Bool {
    (shape[3] == 1 || strides[3] == 1) && (0..<3).allSatisfy { shape[$0] == 1 || strides[$0] == 0 }
  }
}
