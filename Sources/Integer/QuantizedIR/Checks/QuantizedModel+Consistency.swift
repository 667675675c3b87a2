internal import Tensors

extension QuantizedModel {
  /// The first contradiction between layers and tensors, as a phrase; `nil` where there is none.
  ///
  /// A model that passes can be planned, run, exported and emitted without reading or writing past
  /// an array, whatever file it comes from:
  /// - every number of a layer is within `FieldLimit` and fits the others
  ///   (`IntegerLayer.checkFields`),
  /// - layers read and write as many values as their tensors have, of the same width, with the same
  ///   zero points and scales (`Layer.checkAgreement`),
  /// - each tensor is written once, by layers that do not read it, before it is read.
  package func inconsistency() -> String? {
    if let problem = interfaceProblem() { return problem }
    for tensor in tensors {
      do throws(FieldProblem) {
        try check(tensor)
      } catch {
        return "tensor '\(tensor.name)' \(error)"
      }
    }
    let values = outputs.reduce(0) { $0 + tensors[$1].shape.count }
    guard FieldLimit.count.contains(values) else {
      return "the outputs have \(values) values; expected at most \(FieldLimit.count.upperBound)"
    }
    for input in inputs where tensors[input].constant != nil || tensors[input].aliasOf != nil {
      return "the input '\(tensors[input].name)' is a constant or a part of another tensor"
    }
    if let codes = pixelEncoding {
      do throws(FieldProblem) {
        try check(codes)
      } catch {
        return "the pixel encoding \(error)"
      }
    }
    var places = WrittenPlaces(inputs)
    for layer in layers {
      do throws(FieldProblem) {
        try check(layer, &places)
      } catch {
        return "layer '\(layer.name)' \(error)"
      }
    }
    for output in outputs {
      let owner = storage(of: output)
      guard tensors[owner].constant == nil, !inputs.contains(owner), isReadable(output, places)
      else { return "nothing writes the output '\(tensors[output].name)'" }
    }
    return nil
  }

  /// Whether inputs and outputs are tensors, of 8 bits, each input another, with names that differ
  /// where there are several outputs.
  private func interfaceProblem() -> String? {
    let ends = inputs + outputs
    guard !inputs.isEmpty, !outputs.isEmpty, ends.allSatisfy(tensors.indices.contains) else {
      return "inputs \(inputs) or outputs \(outputs) are not some of \(tensors.count) tensors"
    }
    guard ends.allSatisfy({ tensors[$0].width == .int8 }) else {
      return "an input or an output has 16 bits; expected 8"
    }
    guard Set(inputs).count == inputs.count else {
      return "the inputs \(inputs) name a tensor twice; expected each once"
    }
    guard inputs.count == 1 || pixelEncoding == nil else {
      return "\(inputs.count) inputs have a pixel encoding; expected one input, or no encoding"
    }
    guard outputNames.count == (outputs.count == 1 ? 0 : outputs.count),
      Set(outputNames).count == outputNames.count
    else { return "\(outputs.count) outputs have the names \(outputNames); expected one each" }
    return nil
  }

  private func isReadable(_ tensor: Int, _ places: WrittenPlaces) -> Bool {
    let owner = storage(of: tensor)
    return tensors[owner].constant != nil || places.isComplete(owner)
  }

  private func check(_ layer: Layer, _ places: inout WrittenPlaces) throws(FieldProblem) {
    for index in layer.inputs + [layer.output] {
      try FieldProblem.require(index, "tensor", in: 0...tensors.count - 1)
    }
    let output = tensors[layer.output]
    guard output.constant == nil, output.aliasOf == nil else {
      throw FieldProblem(
        field: "output \(layer.output),", expected: "a tensor of its own", found: "'\(output.name)'"
      )
    }
    for index in layer.inputs {
      guard storage(of: index) != layer.output else {
        throw FieldProblem(
          field: "input \(index),", expected: "another tensor than its output",
          found: "'\(tensors[index].name)'")
      }
      guard isReadable(index, places) else {
        throw FieldProblem(
          field: "input \(index),", expected: "a tensor that has been written",
          found: "'\(tensors[index].name)'")
      }
    }
    try layer.operation.traits.checkFields(.int8)
    try checkCounts(layer)
    try layer.checkAgreement(layer.inputs.map { tensors[$0] }, output)
    try places.write(layer, count: output.shape.count)
  }

  /// Whether the operation reads and writes what its tensors hold, once an image.
  private func checkCounts(_ layer: Layer) throws(FieldProblem) {
    let (counts, widths) = (layer.operation.valueCounts, layer.operation.traits.widths)
    let output = tensors[layer.output]
    try FieldProblem.require(
      layer.inputs.count, "a number of inputs of", is: counts.inputs.count)
    guard output.shape.count % counts.output == 0 else {
      throw FieldProblem(
        field: "\(counts.output) values to write into '\(output.name)' of shape",
        expected: "a multiple of them", found: "\(output.shape)")
    }
    let images = output.shape.count / counts.output
    for (index, count) in zip(layer.inputs, counts.inputs)
    where tensors[index].shape.count != count * images {
      throw FieldProblem(
        field: "\(count) values to read from '\(tensors[index].name)' of shape",
        expected: "\(images) times them", found: "\(tensors[index].shape)")
    }
    try FieldProblem.require(
      widths.output.rawValue, "bits of '\(output.name)' as", is: output.width.rawValue)
    for (index, width) in zip(layer.inputs, widths.inputs) {
      try FieldProblem.require(
        width.rawValue, "bits of '\(tensors[index].name)' as", is: tensors[index].width.rawValue)
    }
  }
}

/// Which values of which tensors have been written.
private struct WrittenPlaces {
  private var complete: Set<Int>
  /// By tensor, of those that several layers fill: where they have.
  private var parts: [Int: [Bool]] = [:]

  init(_ inputs: [Int]) { complete = Set(inputs) }

  func isComplete(_ tensor: Int) -> Bool { complete.contains(tensor) }

  /// - Throws: Where `layer` writes what another layer, or the caller, has written.
  mutating func write(_ layer: Layer, count: Int) throws(FieldProblem) {
    let operation = layer.operation.traits
    guard operation.isPart else {
      guard parts[layer.output] == nil, complete.insert(layer.output).inserted else {
        throw Self.twice(layer)
      }
      return
    }
    guard !complete.contains(layer.output) else { throw Self.twice(layer) }
    var written = parts[layer.output] ?? [Bool](repeating: false, count: count)
    var isNew = true
    for image in stride(from: 0, to: count, by: operation.valueCounts.output) {
      operation.forEachPlace { place in
        isNew = isNew && !written[image + place]
        written[image + place] = true
      }
    }
    guard isNew else { throw Self.twice(layer) }
    parts[layer.output] = written
    if written.allSatisfy(\.self) { complete.insert(layer.output) }
  }

  private static func twice(_ layer: Layer) -> FieldProblem {
    FieldProblem(
      field: "output \(layer.output),", expected: "values that nothing else writes",
      found: "some that another layer or the caller writes")
  }
}

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
