internal import Tensors

extension Graph {
  /// Finds h-sigmoid and h-swish where they are spelled with simpler operators, divided by 6 on
  /// whatever side:
  ///
  ///     relu6(x + 3) / 6         h-sigmoid
  ///     x * h-sigmoid(x)         h-swish
  ///     x * relu6(x + 3) / 6     h-swish
  mutating func fuseHardActivations() {
    for position in nodes.indices {
      guard let (activation, input) = hardActivation(at: position) else { continue }
      nodes[position].operation = .activation(activation)
      nodes[position].inputs = [input]
    }
    prune()
  }

  /// The activation that the node at `position` completes, and what it is applied to.
  private func hardActivation(at position: Int) -> (Activation, input: Int)? {
    let output = nodes[position].output
    let (factor, base) = scaled(output)
    guard let source = source(of: base) else { return nil }
    if case .activation(.relu6) = source.operation {
      guard factor.isClose(to: 1 / 6), let input = threeLess(source.inputs[0]) else { return nil }
      return (.hardSigmoid, input)
    }
    guard case .multiply = source.operation else { return nil }
    for (x, gate) in [(0, 1), (1, 0)].map({ (source.inputs[$0], source.inputs[$1]) }) {
      // A gate with a squeezed shape is squeeze-and-excitation, and reads another tensor.
      let (inputFactor, input) = scaled(x)
      let (gateFactor, gateBase) = scaled(gate)
      guard let gateSource = self.source(of: gateBase) else { continue }
      let whole = factor * inputFactor * gateFactor
      switch gateSource.operation {
      case .activation(.relu6)
      where whole.isClose(to: 1 / 6) && threeLess(gateSource.inputs[0]) == input,
        .activation(.hardSigmoid) where whole.isClose(to: 1) && gateSource.inputs[0] == input:
        return (.hardSwish, input)
      default: continue
      }
    }
    return nil
  }

  /// `tensor` as `factor * base`, where a node scales all channels alike; itself times 1 otherwise.
  private func scaled(_ tensor: Int) -> (factor: Float, base: Int) {
    guard let node = source(of: tensor), case .batchNormalization(let layer) = node.operation,
      let factor = layer.scale.first, layer.scale.allSatisfy({ $0 == factor }),
      layer.offset.allSatisfy({ $0 == 0 })
    else { return (1, tensor) }
    return (factor, node.inputs[0])
  }

  /// The `x` of which `tensor` is `x + 3`; `nil` where it is something else.
  private func threeLess(_ tensor: Int) -> Int? {
    guard let node = source(of: tensor), case .batchNormalization(let layer) = node.operation,
      layer.scale.allSatisfy({ $0 == 1 }), layer.offset.allSatisfy({ $0 == 3 })
    else { return nil }
    return node.inputs[0]
  }
}

extension Float {
  /// Whether the two differ by no more than a few roundings.
  fileprivate func isClose(to other: Float) -> Bool { abs(self - other) <= 1e-5 * abs(other) }
}
