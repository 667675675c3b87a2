internal import Tensors

extension QuantizedModel {
  /// Looks at what a tensor says of itself, and of the one whose bytes it shares.
  func check(_ tensor: QuantizedTensor) throws(FieldProblem) {
    for dimension in tensor.shape.dimensions {
      try FieldProblem.require(dimension, "shape", in: FieldLimit.size)
    }
    _ = try FieldProblem.product(tensor.shape.dimensions, "shape")
    try FieldProblem.require(tensor.zeroPoint, "zeroPoint", in: CodeWidth.int8.codes)
    // File formats and the conversion of inputs keep scales as 32-bit floats.
    guard Float(tensor.scale) > 0, Float(tensor.scale).isFinite else {
      throw FieldProblem(
        field: "scale", expected: "a positive 32-bit float", found: "\(tensor.scale)")
    }
    let mayHaveOffset = inputs.contains { tensors[$0] == tensor } && tensor.width == .int8
    guard tensor.realOffset == 0 || mayHaveOffset && abs(tensor.realOffset) <= tensor.scale else {
      throw FieldProblem(
        field: "inputOffset", expected: "0, or a step at most for an int8 input",
        found: "\(tensor.realOffset)")
    }
    if tensor.width == .int16 {
      try FieldProblem.require(tensor.zeroPoint, "16 bits and zeroPoint", is: 0)
      try FieldProblem.require(tensor.constant == nil, "16 bits and no constant as", is: true)
    }
    if let constant = tensor.constant {
      try FieldProblem.require(constant.count, "a number of values of", is: tensor.shape.count)
    }
    if let factors = tensor.channelFactors {
      try FieldProblem.require(
        factors.count, "a number of channel factors of", is: tensor.shape.channels)
      for factor in factors.values where !(factor > 0 && factor.isFinite) {
        throw FieldProblem(
          field: "a channel factor of", expected: "a positive number", found: "\(factor)")
      }
    }
    try checkAlias(tensor)
  }

  private func checkAlias(_ tensor: QuantizedTensor) throws(FieldProblem) {
    guard tensor.aliasStart == nil else {
      throw FieldProblem(
        field: "aliasStart", expected: "none in a file", found: "\(tensor.aliasStart ?? 0)")
    }
    guard let alias = tensor.aliasOf else { return }
    try FieldProblem.require(alias, "aliasOf", in: 0...tensors.count - 1)
    let other = tensors[alias]
    guard other.aliasOf == nil, other.shape.count == tensor.shape.count,
      other.width == tensor.width, other.zeroPoint == tensor.zeroPoint,
      abs(other.scale - tensor.scale) <= tensor.scale / 1000,
      tensor.constant == nil || tensor.constant == other.constant
    else {
      throw FieldProblem(
        field: "aliasOf",
        expected: "a tensor with bytes of its own, as many, with the same meaning",
        found: "'\(other.name)'")
    }
  }

  /// Looks at how pixels become codes.
  func check(_ encoding: PixelEncoding) throws(FieldProblem) {
    let channels = inputTensor.shape.channels
    let preprocessing = encoding.preprocessing
    try FieldProblem.require(encoding.codes.count, "a number of codes of", is: 256 * channels)
    try FieldProblem.require(preprocessing.mean.count, "a number of means of", is: channels)
    try FieldProblem.require(preprocessing.std.count, "a number of deviations of", is: channels)
    if let resize = preprocessing.resize {
      try FieldProblem.require(resize, "resize", in: FieldLimit.side)
    }
    if let crop = preprocessing.crop {
      try FieldProblem.require(crop, "crop", in: FieldLimit.side)
    }
    for value in preprocessing.std where !(value != 0 && value.isFinite) {
      throw FieldProblem(field: "std", expected: "numbers other than 0", found: "\(value)")
    }
    for value in preprocessing.mean where !value.isFinite {
      throw FieldProblem(field: "mean", expected: "numbers", found: "\(value)")
    }
  }
}
