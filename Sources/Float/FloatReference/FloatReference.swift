package import NetworkGraph
internal import Tensors

/// Runs a float network on one image at a time: the definition of right that int8 is held against.
///
/// A value that any number of threads share, each with an arena of its own.
package struct FloatReference: Sendable {
  package let graph: Graph
  /// One a node, with its weights packed.
  let kernels: [any FloatKernel]
  /// Without the tensors that nobody asks for.
  private let fused: Schedule
  /// With every tensor.
  private let complete: Schedule

  /// Packs the weights of `graph`, whose tensors hold one image.
  package init(_ graph: Graph) {
    self.graph = graph
    kernels = graph.nodes.map { node in
      node.operation.float.makeKernel(
        node.inputs.map { graph.tensors[$0].shape }, graph.tensors[node.output].shape)
    }
    fused = Schedule(graph, fusingActivations: true)
    complete = Schedule(graph, fusingActivations: false)
  }

  /// Memory for one thread, to be used again for the next image.
  package func makeArena() -> Arena {
    Arena(
      activations: max(fused.arenaCount, complete.arenaCount),
      scratch: kernels.map(\.scratchCount).max() ?? 0)
  }

  /// The output for `input`, which fills the input tensor (NHWC). Where the network has several of
  /// either, their values follow one another.
  package func run(_ input: [Float], in arena: borrowing Arena) -> [Float] {
    run(input, fused, arena) { _, _ in }
  }

  /// As `run(_:in:)`, and shows every tensor to `observe` as soon as it exists, by index: the inputs
  /// first, then in execution order.
  package func run<Failure: Error>(
    _ input: [Float], in arena: borrowing Arena,
    observe: (Int, Span<Float>) throws(Failure) -> Void
  ) throws(Failure) -> [Float] {
    try run(input, complete, arena, observe)
  }

  /// Every tensor for `input`, by index.
  package func activations(_ input: [Float], in arena: borrowing Arena) -> [[Float]] {
    var activations = [[Float]](repeating: [], count: graph.tensors.count)
    _ = run(input, in: arena) { tensor, values in
      activations[tensor] = values.indices.map { values[$0] }
    }
    return activations
  }

  private func run<Failure: Error>(
    _ input: [Float], _ schedule: Schedule, _ arena: borrowing Arena,
    _ observe: (Int, Span<Float>) throws(Failure) -> Void
  ) throws(Failure) -> [Float] {
    precondition(
      input.count == graph.inputShape.count, "\(input.count) values for \(graph.inputShape)")
    func values(_ tensor: Int) -> UnsafeMutableBufferPointer<Float> {
      arena.values(at: schedule.places[tensor])
    }
    var start = 0
    for tensor in graph.inputs {
      let target = values(tensor)
      _ = target.update(from: input[start..<start + target.count])
      start += target.count
      try observe(tensor, UnsafeBufferPointer(target).span)
    }
    for step in schedule.steps {
      let output = values(step.output)
      kernels[step.node].run(
        step.inputs.map { UnsafeBufferPointer(values($0)) }, output, step.ending, arena.scratch)
      try observe(step.output, UnsafeBufferPointer(output).span)
    }
    return graph.outputs.flatMap { values($0) }
  }
}

extension FloatReference {
  /// What the node at `position` makes of `inputs`, which fill the tensors that it reads.
  package func output(
    of position: Int, _ inputs: [[Float]], in arena: borrowing Arena
  ) -> [Float] {
    let count = graph.tensors[graph.nodes[position].output].shape.count
    var output = [Float](repeating: 0, count: count)
    inputs.flatMap(\.self).withUnsafeBufferPointer { values in
      var start = 0
      let parts = inputs.map { input in
        defer { start += input.count }
        return UnsafeBufferPointer(rebasing: values[start..<start + input.count])
      }
      output.withUnsafeMutableBufferPointer { output in
        kernels[position].run(parts, output, .nothing, arena.scratch)
      }
    }
    return output
  }
}

extension FloatReference {
  /// The output where `tensor` holds `values`, and every other tensor what it holds in
  /// `activations` (all tensors of one image, by index) unless it follows from `tensor`.
  package func output(
    replacing tensor: Int, with values: [Float], in activations: [[Float]],
    _ arena: borrowing Arena
  ) -> [Float] {
    var changed = [tensor: values]
    for (position, node) in graph.nodes.enumerated()
    where node.inputs.contains(where: { changed[$0] != nil }) && node.output != tensor {
      changed[node.output] = output(
        of: position, node.inputs.map { changed[$0] ?? activations[$0] }, in: arena)
    }
    return graph.outputs.flatMap { changed[$0] ?? activations[$0] }
  }
}

extension FloatReference {
  /// How fast the sum of `direction` times the output grows with every value of every tensor, by
  /// tensor index, at one image's `activations`; empty for tensors that the output does not
  /// follow from.
  ///
  /// Where a function has a kink, the slope below it counts.
  package func gradients(
    of direction: [Float], at activations: [[Float]]
  ) -> [[Float]] {
    precondition(direction.count == graph.outputShape.count)
    var gradients = [[Float]](repeating: [], count: graph.tensors.count)
    var start = 0
    for tensor in graph.outputs {
      let part = direction[start..<start + graph.tensors[tensor].shape.count]
      start += part.count
      gradients[tensor].add(Array(part))
    }
    for node in graph.nodes.reversed() where !gradients[node.output].isEmpty {
      let adjoint = Adjoint(
        shapes: node.inputs.map { graph.tensors[$0].shape },
        outputShape: graph.tensors[node.output].shape,
        inputs: node.inputs.map { activations[$0] }, output: activations[node.output],
        gradient: gradients[node.output])
      for (tensor, found) in zip(node.inputs, node.operation.float.gradients(adjoint)) {
        gradients[tensor].add(found)
      }
    }
    return gradients
  }
}

extension [Float] {
  /// Adds `other`, of as many values; to none, all of it.
  fileprivate mutating func add(_ other: [Float]) {
    if isEmpty {
      self = other
    } else {
      for index in other.indices { self[index] += other[index] }
    }
  }
}
