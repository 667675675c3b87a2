/// Why a float network cannot become an int8 one.
package enum QuantizationError: Error, Equatable {
  /// The calibration says nothing of a tensor.
  case missingRange(tensor: String)
  /// A range with an end that is no number.
  case invalidRange(tensor: String, lower: Double, upper: Double)
  /// A weight or bias that is no number.
  case invalidWeight(node: String, channel: Int)
  /// A real factor between scales that 31 bits and a shift cannot express.
  case factor(node: String, channel: Int, factor: Double)
  /// Even the largest weight scale cannot keep a sum of products inside 32 bits.
  case accumulator(node: String, channel: Int, bits: Int)
  /// Rows that are too long for the int8 softmax, or a scale that leaves nothing to compare.
  case softmax(node: String, depth: Int)
  /// An operator that has no int8 form but at the end of the network, where the caller does it.
  case logSoftmax(node: String)
  /// Operands of two shapes that the int8 form cannot broadcast.
  case broadcast(node: String, a: String, b: String)
}

extension QuantizationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingRange(let tensor):
      "the calibration holds no range for tensor '\(tensor)': it was made for another model; run "
        + "`mnquant calibrate` again"
    case .invalidRange(let tensor, let lower, let upper):
      "tensor '\(tensor)' has the calibrated range \(lower)...\(upper); expected finite numbers: "
        + "check the model for NaN and the images for damage"
    case .invalidWeight(let node, let channel):
      "node '\(node)': a weight or bias of output channel \(channel) is NaN or infinite; export the "
        + "model again from a healthy checkpoint"
    case .factor(let node, let channel, let factor):
      "node '\(node)': output channel \(channel) needs the factor \(factor) between its scales; "
        + "expected less than 2^30: calibrate with images like those in use"
    case .accumulator(let node, let channel, let bits):
      "node '\(node)': the sum of products of output channel \(channel) needs \(bits) bits; "
        + "expected at most 32: split the layer or reduce its input channels"
    case .softmax(let node, let depth):
      "node '\(node)': softmax over \(depth) values has no int8 form; expected at most 4095 values "
        + "that differ: remove it from the end of the model"
    case .logSoftmax(let node):
      "node '\(node)': a logarithm of softmax inside the network has no int8 form; expected it at the "
        + "end alone: put softmax in its place, or take it out"
    case .broadcast(let node, let a, let b):
      "node '\(node)': operands of shape \(a) and \(b) cannot be broadcast in int8"
    }
  }
}
