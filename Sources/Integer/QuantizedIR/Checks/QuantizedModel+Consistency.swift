private import Tensors

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
    let indices = tensors.indices
    guard indices.contains(input), indices.contains(output) else {
      return "input \(input) or output \(output) is not one of \(tensors.count) tensors"
    }
    guard inputTensor.width == .int8, outputTensor.width == .int8 else {
      return "the input or the output has 16 bits; expected 8"
    }
    for tensor in tensors {
      do throws(FieldProblem) {
        try check(tensor)
      } catch {
        return "tensor '\(tensor.name)' \(error)"
      }
    }
    guard inputTensor.constant == nil, inputTensor.aliasOf == nil else {
      return "the input '\(inputTensor.name)' is a constant or a part of another tensor"
    }
    if let codes = pixelEncoding {
      do throws(FieldProblem) {
        try check(codes)
      } catch {
        return "the pixel encoding \(error)"
      }
    }
    var places = WrittenPlaces(input)
    for layer in layers {
      do throws(FieldProblem) {
        try check(layer, &places)
      } catch {
        return "layer '\(layer.name)' \(error)"
      }
    }
    let owner = storage(of: output)
    guard tensors[owner].constant == nil, owner != input, isReadable(output, places) else {
      return "nothing writes the output '\(outputTensor.name)'"
    }
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

  init(_ input: Int) { complete = [input] }

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
