internal import Tensors

extension QuantizedModel {
  /// How many layers, from the first on, can be computed in strips: each reads the one before it
  /// and nothing else does, and its rows follow from rows.
  package var layersForStrips: Int {
    let results = Set(outputs.map(storage))
    let readers = Dictionary(grouping: layers.flatMap(\.inputs).map(storage), by: \.self)
    var source = input
    for (index, layer) in layers.enumerated() {
      let tensor = tensors[layer.output]
      guard layer.inputs == [source], tensor.aliasOf == nil, tensor.shape.isOneImage,
        tensor.shape.count == layer.operation.valueCounts.output,
        index == 0 || !results.contains(source) && readers[source]?.count == 1,
        tensors[source].shape.isOneImage, tensors[source].aliasOf == nil,
        layer.operation.traits.hasRows(of: tensors[source].shape, tensor.shape),
        layer.operation.traits.strip(0..<tensor.shape.height, of: tensor.shape.height) != nil
      else { return index }
      source = layer.output
    }
    return layers.count
  }

  /// The same network with its first layers computed strip by strip: for some rows of the last of
  /// them, all that they need, and then for the next. Rows that two strips need are computed twice.
  ///
  /// - Parameters:
  ///   - count: How many layers, `1 ... layersForStrips`.
  ///   - rows: How many rows of the last of them at a time.
  /// - Returns: `nil` where a strip needs no row of its input.
  package func inStrips(layers count: Int, rows: Int) -> QuantizedModel? {
    precondition((1...layersForStrips).contains(count) && rows > 0)
    let height = tensors[layers[count - 1].output].shape.height
    var model = self
    model.layers = []
    for start in stride(from: 0, to: height, by: rows) {
      guard model.append(strip: start..<min(start + rows, height), of: layers[..<count]) else {
        return nil
      }
    }
    model.layers += layers[count...]
    return model
  }

  /// Appends the layers that compute `strip` of the last of `chain`; false where that needs nothing.
  private mutating func append(strip: Range<Int>, of chain: ArraySlice<Layer>) -> Bool {
    var parts: [(layer: Layer, operation: Operation, rows: Range<Int>)] = []
    var rows = strip
    for layer in chain.reversed() {
      let height = tensors[layer.output].shape.height
      guard let part = layer.operation.traits.strip(rows, of: height) else { return false }
      parts.insert((layer, part.operation, rows), at: 0)
      rows = part.input
    }
    var source = addView(of: input, rows: rows)
    for (index, part) in parts.enumerated() {
      let target = part.layer.output
      let output =
        index == parts.count - 1
        ? addView(of: target, rows: part.rows) : addTensor(like: target, rows: part.rows)
      layers.append(
        Layer(
          name: "\(part.layer.name), rows \(part.rows.lowerBound) to \(part.rows.upperBound - 1)",
          operation: part.operation, inputs: [source], output: output,
          weightScales: part.layer.weightScales))
      source = output
    }
    return true
  }

  private mutating func addTensor(like tensor: Int, rows: Range<Int>) -> Int {
    var strip = tensors[tensor]
    strip.name += ", rows \(rows.lowerBound) to \(rows.upperBound - 1), no. \(tensors.count)"
    strip.shape = Shape(
      height: rows.count, width: strip.shape.width, channels: strip.shape.channels)
    tensors.append(strip)
    return tensors.count - 1
  }

  private mutating func addView(of tensor: Int, rows: Range<Int>) -> Int {
    let view = addTensor(like: tensor, rows: rows)
    tensors[view].aliasOf = tensor
    tensors[view].aliasStart = rows.lowerBound * (tensors[view].shape.count / rows.count)
    return view
  }
}

extension Shape {
  /// Whether this is `[1, H, W, C]`.
  fileprivate var isOneImage: Bool { rank == 4 && dimensions[0] == 1 }
}
