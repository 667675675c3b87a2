internal import QuantizedIR

extension Report {
  /// The arena over the course of an inference.
  var memorySection: Section? {
    let plan = MemoryPlan(model)
    let boxes = model.lifetimes.enumerated().compactMap { order, lifetime -> Markup? in
      guard let offset = plan.offsets[lifetime.tensor] else { return nil }
      let name = model.tensors[lifetime.tensor].name
      let (first, last) = (lifetime.steps.lowerBound, lifetime.steps.upperBound)
      return """
        <rect x="\(first)" y="\(offset)" width="\(last - first + 1)" height="\(lifetime.bytes)" \
        style="--hue:\(order * 47 % 360)"><title>\(name): \(Number.count(lifetime.bytes)) bytes at \
        \(Number.count(offset)), steps \(first) to \(last)</title></rect>

        """
    }
    let body: Markup = """
      <svg class="memory" viewBox="-1 0 \(model.layers.count + 2) \(plan.arenaBytes)" \
      preserveAspectRatio="none" role="img" aria-label="memory plan">\(boxes)</svg>
      """
    return Section(
      id: "memory", title: "Memory over time",
      note:
        "Each box is an activation: from left to right the layers during which it is alive, from "
        + "top to bottom its bytes in the arena of \(Number.count(plan.arenaBytes)). At least "
        + "\(Number.count(plan.lowerBound)) are alive at once. Working memory of kernels, which "
        + "depends on the board, comes on top.",
      body: body)
  }
}

/// What a model takes, in bytes.
package struct Footprint: Hashable, Sendable {
  /// The float parameters, at 4 bytes each.
  package var float: Int
  /// Weights, biases, factors and tables of the int8 model.
  package var constants: Int
  /// Activations of the int8 model, input and output included.
  package var arena: Int

  /// A footprint by its parts.
  package init(float: Int, constants: Int, arena: Int) {
    self.float = float
    self.constants = constants
    self.arena = arena
  }
}
