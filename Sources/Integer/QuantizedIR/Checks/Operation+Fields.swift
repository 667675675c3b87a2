internal import FixedPoint
internal import Tensors

extension Operation {
  /// Looks at every number of the operation, by itself and against the others: what passes has
  /// `valueCounts` within `FieldLimit` and no index beyond them.
  ///
  /// - Parameter width: Of the output's codes.
  func checkFields(_ width: CodeWidth = .int8) throws(FieldProblem) {
    switch self {
    case .conv2D(let layer): try layer.check(width)
    case .depthwiseConv2D(let layer): try layer.check(width)
    case .fullyConnected(let layer): try layer.check(width)
    case .add(let layer):
      try layer.broadcast.check()
      try layer.clamp.check(width)
    case .multiply(let layer):
      try layer.broadcast.check()
      try layer.clamp.check(width)
    case .averagePool(let layer): try layer.check()
    case .maxPool(let layer): try layer.check()
    case .mean(let layer): try layer.check()
    case .lookup(let layer):
      try FieldProblem.require(layer.count, "count", in: FieldLimit.count)
      try FieldProblem.require(layer.table.count, "a number of table entries of", is: 256)
    case .softmax(let layer): try layer.check()
    case .extremum(let layer): try layer.broadcast.check()
    case .copy(let layer): try layer.check()
    case .wide(let layer): try layer.check()
    }
  }
}

extension Conv2D {
  fileprivate func check(_ width: CodeWidth) throws(FieldProblem) {
    try WindowFields(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding
    ).check()
    try FieldProblem.require(inputChannels, "inputChannels", in: FieldLimit.size)
    try FieldProblem.require(outputChannels, "outputChannels", in: FieldLimit.size)
    try FieldProblem.require(groups, "groups", in: 1...inputChannels)
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw FieldProblem(
        field: "groups", expected: "a divisor of \(inputChannels) and \(outputChannels)",
        found: "\(groups)")
    }
    _ = try FieldProblem.product([input.height, input.width, inputChannels], "input")
    _ = try FieldProblem.product([output.height, output.width, outputChannels], "output")
    let expected = try FieldProblem.product(
      [outputChannels, kernel.height, kernel.width, inputChannels / groups], "weights")
    try checkChannels(outputChannels, weights: (weights.count, expected), width: width)
  }
}

extension DepthwiseConv2D {
  fileprivate func check(_ width: CodeWidth) throws(FieldProblem) {
    try WindowFields(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding
    ).check()
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    try FieldProblem.require(channelMultiplier, "channelMultiplier", in: FieldLimit.size)
    let outputs = try FieldProblem.product([channels, channelMultiplier], "channels")
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([output.height, output.width, outputs], "output")
    let expected = try FieldProblem.product([kernel.height, kernel.width, outputs], "weights")
    try checkChannels(outputs, weights: (weights.count, expected), width: width)
  }
}

extension FullyConnected {
  fileprivate func check(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(inputCount, "inputCount", in: FieldLimit.count)
    try FieldProblem.require(outputCount, "outputCount", in: FieldLimit.count)
    let expected = try FieldProblem.product([inputCount, outputCount], "weights")
    try checkChannels(outputCount, weights: (weights.count, expected), width: width)
  }
}

extension AveragePool {
  fileprivate func check() throws(FieldProblem) {
    try WindowFields(input: input, output: output, kernel: kernel, stride: stride, padding: padding)
      .checkPool()
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    // 255 codes a pixel must add up within 32 bits.
    try FieldProblem.require(kernel.count, "kernel of", in: 1...1 << 23)
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([output.height, output.width, channels], "output")
    try clamp.check(.int8)
  }
}

extension MaxPool {
  fileprivate func check() throws(FieldProblem) {
    try WindowFields(input: input, output: output, kernel: kernel, stride: stride, padding: padding)
      .checkPool()
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([output.height, output.width, channels], "output")
    try clamp.check(.int8)
  }
}

extension Mean {
  fileprivate func check() throws(FieldProblem) {
    // 255 codes a pixel must add up within 32 bits.
    try FieldProblem.require(pixels, "pixels", in: 1...1 << 23)
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    _ = try FieldProblem.product([pixels, channels], "input")
  }
}

extension Softmax {
  /// Differences of codes as far as `smallestDifference` stay within Q5.26 when the factor has
  /// multiplied them: beyond, sums of exponentials would leave 32 bits.
  fileprivate func check() throws(FieldProblem) {
    try FieldProblem.require(depth, "depth", in: 1...Self.largestDepth)
    try FieldProblem.require(smallestDifference, "smallestDifference", in: Int32.min...0)
    let largest = Double(min(255, -Int64(smallestDifference)))
    guard largest * factor.real < 0x1p31 else {
      throw FieldProblem(
        field: "smallestDifference",
        expected: "differences that factor.shift \(factor.shift) keeps within 32 bits",
        found: "\(smallestDifference)")
    }
  }
}

extension Wide {
  /// The int8 form's numbers for codes of these widths, and that there is such a form.
  fileprivate func check() throws(FieldProblem) {
    guard readsWide || output == .int16 else {
      throw FieldProblem(field: "widths", expected: "16 bits on one side", found: "8 on both")
    }
    switch operation {
    case .conv2D(let layer): if readsWide { try layer.checkReducedShifts() }
    case .depthwiseConv2D(let layer): if readsWide { try layer.checkReducedShifts() }
    case .fullyConnected(let layer): if readsWide { try layer.checkReducedShifts() }
    case .add, .multiply: break
    case .mean(let layer):
      try FieldProblem.require(layer.pixels, "pixels", in: 1...Self.mostPixels)
    case .averagePool, .maxPool, .lookup, .softmax, .extremum, .copy, .wide:
      throw FieldProblem(
        field: "operation", expected: "one that has a 16-bit form", found: operation.name)
    }
    try operation.checkFields(output)
    try FieldProblem.require(
      inputs.count, "a number of inputs of", is: operation.valueCounts.inputs.count)
  }
}
