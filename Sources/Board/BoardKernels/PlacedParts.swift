internal import QuantizedIR

extension QuantizedModel {
  /// The same network where the parts of a concatenation that lie in one piece in it are written there
  /// at once, so that nothing has to be copied; and, for each of its layers, the layer of this model.
  ///
  /// Along the outermost axis that is longer than 1, parts lie so: rows below rows, the boxes of one
  /// detection head behind those of another, vectors behind vectors. Channels of an image do not.
  var placingParts: (model: QuantizedModel, layers: [Int]) {
    var model = self
    var gone: Set<Int> = []
    for (index, layer) in layers.enumerated() {
      guard case .copy(let copy) = layer.operation, let start = copy.placeInOnePiece,
        model.canLie(layer.inputs[0], in: layer.output)
      else { continue }
      model.place(layer.inputs[0], in: layer.output, at: start)
      gone.insert(index)
    }
    let kept = layers.indices.filter { !gone.contains($0) }
    model.layers = kept.map { layers[$0] }
    return (model, kept)
  }

  /// Whether `part` has bytes of its own that an operation writes, and `whole` as well; and whether one
  /// layer alone brings it there: another would read what it writes beside.
  private func canLie(_ part: Int, in whole: Int) -> Bool {
    tensors[part].aliasOf == nil && tensors[whole].aliasOf == nil && !inputs.contains(part)
      && tensors[part].constant == nil && tensors[part].byteCount < tensors[whole].byteCount
      && !outputs.map(storage).contains(part) && layers.contains { $0.output == part }
      && layers.count { layer in
        storage(of: layer.output) == whole && layer.inputs.contains { storage(of: $0) == part }
      } == 1
  }

  private mutating func place(_ part: Int, in whole: Int, at start: Int) {
    for tensor in tensors.indices where storage(of: tensor) == part {
      tensors[tensor].aliasStart = start + (tensors[tensor].aliasStart ?? 0)
      tensors[tensor].aliasOf = whole
    }
  }
}

extension Copy {
  /// Where in the output all of the input begins, if it lies there as it is beside what other layers
  /// write; `nil` where values move against one another.
  fileprivate var placeInOnePiece: Int? {
    let loops = zip(shape, zip(sourceStrides, destinationStrides)).filter { $0.0 > 1 }
    guard isPart, sourceStart == 0, count == inputCount,
      loops.allSatisfy({ $0.1.0 == $0.1.1 })
    else { return nil }
    // As many values as the input has, over neighbors.
    let reach = loops.reduce(0) { $0 + ($1.0 - 1) * $1.1.0 }
    return reach == count - 1 ? start : nil
  }
}
