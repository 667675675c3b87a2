internal import Tensors

extension Graph {
  /// An equal network with as few nodes as these passes can bring it to: what the
  /// quantizer expects.
  ///
  /// The spellings of activations come first, since their constants would otherwise be folded away.
  package func simplified() -> Graph {
    var graph = self
    graph.fuseActivations()
    graph.moveActivationsToParts()
    graph.foldPadding()
    graph.foldBatchNormalization()
    graph.foldSteps()
    graph.dropIdentities()
    return graph
  }

  /// Applies an activation that alone reads a concatenation to each part instead, so that the layers
  /// that write these take it in.
  private mutating func moveActivationsToParts() {
    var position = nodes.count
    while position > 0 {
      position -= 1
      let node = nodes[position]
      guard case .activation = node.operation, let joined = producer(of: node.inputs[0]),
        case .concatenate = nodes[joined].operation, consumers(of: node.inputs[0]) == [position],
        !outputs.contains(node.inputs[0])
      else { continue }
      var results: [Int: Int] = [:]
      var applied: [Node] = []
      for part in nodes[joined].inputs where results[part] == nil {
        let name = unusedName("\(node.name)/\(applied.count)")
        let result = addTensor(name, tensors[part].shape)
        results[part] = result
        applied.append(
          Node(name: name, operation: node.operation, inputs: [part], output: result))
      }
      nodes[position].operation = nodes[joined].operation
      nodes[position].inputs = nodes[joined].inputs.compactMap { results[$0] }
      nodes.replaceSubrange(joined...joined, with: applied)
      position += applied.count - 1
    }
    prune()
  }

  /// `name`, or with primes behind it where a node or tensor has it.
  private func unusedName(_ name: String) -> String {
    var name = name
    while tensors.contains(where: { $0.name == name }) || nodes.contains(where: { $0.name == name })
    {
      name += "'"
    }
    return name
  }

  /// Gives zeros that a node of its own puts around an image to the node that reads them, where
  /// that knows how.
  private mutating func foldPadding() {
    for position in nodes.indices {
      guard let source = source(of: nodes[position].inputs[0]),
        case .pad(let padding) = source.operation,
        let padded = nodes[position].operation.traits.absorbing(padding)
      else { continue }
      nodes[position].operation = padded
      nodes[position].inputs = source.inputs
    }
    prune()
  }

  /// Multiplies scales and offsets by channel into the weights and biases of the layer before
  /// them, where nobody else reads that layer's output. Two in a row become one. What stays
  /// follows the input, a residual addition or an activation.
  private mutating func foldBatchNormalization() {
    var position = 0
    while position < nodes.count {
      if fold(nodes[position]) { bypass(position) } else { position += 1 }
    }
    prune()
  }

  /// Multiplies the scales of channels whose codes have steps of their own into the weights that read
  /// them.
  private mutating func foldSteps() {
    for position in nodes.indices {
      guard let source = source(of: nodes[position].inputs[0]),
        case .batchNormalization(let layer) = source.operation,
        self.source(of: source.inputs[0])?.operation.traits.roundsValues == true,
        let scaled = nodes[position].operation.traits.preceded(by: layer)
      else { continue }
      nodes[position].operation = scaled
      nodes[position].inputs = source.inputs
    }
    prune()
  }

  /// Whether `node` could be drawn into the node before it, which then does the work of both.
  private mutating func fold(_ node: Node) -> Bool {
    guard case .batchNormalization(let layer) = node.operation,
      consumers(of: node.inputs[0]).count == 1, !outputs.contains(node.inputs[0]),
      let position = producer(of: node.inputs[0]),
      let folded = nodes[position].operation.traits.followed(by: layer)
    else { return false }
    nodes[position].operation = folded
    return true
  }

  /// Removes nodes that give back what they read, and the first of two where the second alone gives
  /// the same.
  private mutating func dropIdentities() {
    var position = 0
    while position < nodes.count {
      let operation = nodes[position].operation.traits
      if let source = source(of: nodes[position].inputs[0]), operation.overrides(source.operation) {
        nodes[position].inputs = source.inputs
      }
      let input = nodes[position].inputs[0]
      if operation.isIdentity(on: tensors[input].shape, after: source(of: input)?.operation) {
        bypass(position)
      } else {
        position += 1
      }
    }
    prune()
  }
}

extension Graph {
  /// The same network without a logarithm of softmax at its end, which changes the order of no
  /// values: the caller does it.
  package var withoutLogarithms: Graph {
    var graph = self
    for (position, output) in outputs.enumerated() {
      guard let node = source(of: output), case .logSoftmax = node.operation,
        consumers(of: output).isEmpty
      else { continue }
      graph.outputs[position] = node.inputs[0]
      graph.callerSteps.append(CallerStep(.logSoftmax, output: namedOutputs[position].name))
    }
    graph.prune()
    return graph
  }

  /// The node that writes `tensor`; `nil` for an input.
  func source(of tensor: Int) -> Node? { producer(of: tensor).map { nodes[$0] } }

  /// Removes the node at `position`; whoever read its output, the caller included, reads its first
  /// input instead.
  package mutating func bypass(_ position: Int) {
    let node = nodes.remove(at: position)
    for reader in nodes.indices {
      nodes[reader].inputs = nodes[reader].inputs.map { $0 == node.output ? node.inputs[0] : $0 }
    }
    outputs = outputs.map { $0 == node.output ? node.inputs[0] : $0 }
  }

  /// Removes nodes whose output nobody reads, then tensors that no node names.
  package mutating func prune() {
    var read = Set(outputs)
    for position in nodes.indices.reversed() {
      if read.contains(nodes[position].output) {
        read.formUnion(nodes[position].inputs)
      } else {
        nodes.remove(at: position)
      }
    }
    let kept = tensors.indices.filter { read.contains($0) || inputs.contains($0) }
    let renumbered = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    func new(_ tensor: Int) -> Int {
      guard let index = renumbered[tensor] else {
        preconditionFailure("tensor \(tensor) is read and was not kept")
      }
      return index
    }
    for position in nodes.indices {
      nodes[position].inputs = nodes[position].inputs.map(new)
      nodes[position].output = new(nodes[position].output)
    }
    (inputs, outputs) = (inputs.map(new), outputs.map(new))
    tensors = kept.map { tensors[$0] }
  }
}
