internal import Tensors

/// A buffer of the arena and the steps of the schedule during which its bytes matter.
package struct Lifetime: Hashable, Sendable {
  /// The tensor that owns the buffer.
  package let tensor: Int
  /// Size in bytes.
  package let bytes: Int
  /// From the layer that writes it (-1: before the first) to the last that reads it.
  package let steps: ClosedRange<Int>
}

extension QuantizedModel {
  /// The tensor whose bytes `tensor` uses: itself, unless it is an alias.
  package func storage(of tensor: Int) -> Int { tensors[tensor].aliasOf ?? tensor }

  /// Where in the buffer of its storage `tensor` begins.
  func start(of tensor: Int) -> Int { tensors[tensor].aliasStart ?? 0 }

  /// The lifetimes of all activations, in order of birth.
  package var lifetimes: [Lifetime] {
    var last = [storage(of: input): -1]
    last[storage(of: output)] = layers.count
    var first: [Int: Int] = [storage(of: input): -1]
    for (step, layer) in layers.enumerated() {
      let written = storage(of: layer.output)
      first[written] = first[written] ?? step
      for tensor in layer.inputs.map(storage) + [written] where tensors[tensor].constant == nil {
        last[tensor] = max(last[tensor] ?? step, step)
      }
    }
    return first.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { tensor, birth in
      Lifetime(
        tensor: tensor, bytes: tensors[tensor].byteCount,
        steps: birth...max(birth, last[tensor] ?? birth))
    }
  }
}
