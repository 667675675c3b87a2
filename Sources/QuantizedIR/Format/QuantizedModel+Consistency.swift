private import Tensors

extension QuantizedModel {
  /// The first contradiction between layers and tensors, as a phrase; `nil` where there is none.
  ///
  /// A model that passes can be planned, run and emitted without reading past an array.
  package func inconsistency() -> String? {
    let indices = tensors.indices
    guard indices.contains(input), indices.contains(output) else {
      return "input \(input) or output \(output) is not one of \(tensors.count) tensors"
    }
    guard [input, output].allSatisfy({ tensors[$0].constant == nil }) else {
      return "the input or the output is a constant; expected tensors that are filled at run time"
    }
    guard inputTensor.width == .int8, outputTensor.width == .int8 else {
      return "the input or the output has 16 bits; expected 8"
    }
    for tensor in tensors {
      if let problem = problem(of: tensor) { return "tensor '\(tensor.name)' \(problem)" }
    }
    if let codes = pixelEncoding, let problem = problem(of: codes) { return problem }
    var written: Set<Int> = [input]
    var counts: [Int: Int] = [:]
    for layer in layers {
      guard (layer.inputs + [layer.output]).allSatisfy(indices.contains) else {
        return "layer '\(layer.name)' refers to tensors that do not exist"
      }
      guard layer.inputs.allSatisfy({ isReadable($0, written) }) else {
        return "layer '\(layer.name)' reads a tensor before it is written"
      }
      if let problem = layer.operation.problem(layer, tensors) {
        return "layer '\(layer.name)' \(problem)"
      }
      let images = tensors[layer.output].shape.count / layer.operation.valueCounts.output
      counts[layer.output, default: 0] += images * layer.operation.writtenCount
      if counts[layer.output, default: 0] >= tensors[layer.output].shape.count {
        written.insert(layer.output)
      }
    }
    return isReadable(output, written) ? nil : "nothing writes the output"
  }

  private func isReadable(_ tensor: Int, _ written: Set<Int>) -> Bool {
    tensors[tensor].constant != nil || written.contains(tensor)
      || tensors[tensor].aliasOf.map(written.contains) == true
  }

  private func problem(of tensor: QuantizedTensor) -> String? {
    guard tensor.shape.dimensions.allSatisfy({ (1...1 << 24).contains($0) }),
      tensor.shape.dimensions.reduce(1.0, { $0 * Double($1) }) <= Double(1 << 30)
    else { return "has the impossible shape \(tensor.shape)" }
    // File formats and the conversion of inputs keep scales as 32-bit floats.
    guard (-128...127).contains(tensor.zeroPoint), Float(tensor.scale) > 0,
      Float(tensor.scale).isFinite
    else {
      return "has scale \(tensor.scale) and zero point \(tensor.zeroPoint)"
    }
    let mayHaveOffset = tensor == inputTensor && tensor.width == .int8
    guard tensor.realOffset == 0 || mayHaveOffset && abs(tensor.realOffset) <= tensor.scale else {
      return "has the real offset \(tensor.realOffset); only an int8 input may have one, of a step "
        + "at most"
    }
    guard tensor.width == .int8 || tensor.zeroPoint == 0 && tensor.constant == nil else {
      return "has 16 bits; expected zero point 0 and no constant"
    }
    if let constant = tensor.constant, constant.count != tensor.shape.count {
      return "has \(constant.count) values for shape \(tensor.shape)"
    }
    if let factors = tensor.channelFactors, factors.count != tensor.shape.channels {
      return "has \(factors.count) channel factors for shape \(tensor.shape)"
    }
    guard tensor.aliasStart == nil else { return "is a part of another tensor" }
    if let alias = tensor.aliasOf {
      guard tensors.indices.contains(alias), tensors[alias].aliasOf == nil,
        tensors[alias].shape.count == tensor.shape.count, tensors[alias].width == tensor.width
      else { return "shares the bytes of a tensor that does not exist or has another size" }
    }
    return nil
  }

  private func problem(of encoding: PixelEncoding) -> String? {
    let channels = inputTensor.shape.channels
    guard encoding.codes.count == 256 * channels, encoding.preprocessing.mean.count == channels,
      encoding.preprocessing.std.count == channels
    else { return "the pixel encoding does not have \(channels) channels" }
    return nil
  }
}

extension Operation {
  /// How the layer's numbers contradict its tensors, as a phrase; `nil` where they agree.
  fileprivate func problem(_ layer: Layer, _ tensors: [QuantizedTensor]) -> String? {
    let expected = valueCounts
    guard layer.inputs.count == expected.inputs.count else {
      return "reads \(layer.inputs.count) tensors, \(name) reads \(expected.inputs.count)"
    }
    let output = tensors[layer.output].shape
    guard expected.output > 0, output.count % expected.output == 0 else {
      return "writes \(expected.output) values an image into a tensor of shape \(output)"
    }
    let images = output.count / expected.output
    for (input, count) in zip(layer.inputs, expected.inputs) {
      guard tensors[input].shape.count == count * images else {
        return "reads \(count) values an image from a tensor of shape \(tensors[input].shape)"
      }
    }
    let found = layer.inputs.map { tensors[$0].width }
    guard widths == (found, tensors[layer.output].width) else {
      return "reads or writes codes of other widths than its tensors have"
    }
    guard hasConsistentZeroPoints else {
      return "has a zero point that its codes cannot have; expected 0 for 16 bits"
    }
    return hasConsistentConstants ? nil : "has constants of the wrong number"
  }
}
