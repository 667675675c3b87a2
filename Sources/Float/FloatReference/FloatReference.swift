package import NetworkGraph
internal import Tensors

/// Runs a float network on one image at a time: the definition of right that int8 is held against.
///
/// A value that any number of threads share, each with an arena of its own.
package struct FloatReference: Sendable {
  package let graph: Graph
  /// One a node, with its weights packed.
  let kernels: [Kernel]
  /// Without the tensors that nobody asks for.
  private let fused: Schedule
  /// With every tensor.
  private let complete: Schedule

  /// Packs the weights of `graph`, whose tensors hold one image.
  package init(_ graph: Graph) {
    self.graph = graph
    kernels = graph.nodes.map { node in
      Kernel(
        node.operation, inputs: node.inputs.map { graph.tensors[$0].shape },
        output: graph.tensors[node.output].shape)
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

  /// The output for `input`, which fills the input tensor (NHWC).
  package func run(_ input: [Float], in arena: borrowing Arena) -> [Float] {
    run(input, fused, arena) { _, _ in }
  }

  /// As `run(_:in:)`, and shows every tensor to `observe` as soon as it exists, by index: the input
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
    _ = values(graph.input).update(from: input)
    try observe(graph.input, UnsafeBufferPointer(values(graph.input)).span)
    for step in schedule.steps {
      let output = values(step.output)
      kernels[step.node].run(
        UnsafeBufferPointer(values(step.firstInput)), UnsafeBufferPointer(values(step.lastInput)),
        output, step.ending, scratch: arena.scratch)
      try observe(step.output, UnsafeBufferPointer(output).span)
    }
    return Array(values(graph.output))
  }
}
