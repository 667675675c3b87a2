internal import Tensors

/// What the kernel of a layer asks of the arena beside the layer's tensors, and what it spares.
package struct KernelMemory: Hashable, Sendable {
  /// Working memory while it runs, which overlaps nothing.
  package var scratchBytes: Int
  /// Which inputs may be written over, one for each operand.
  package var overlaps: [Overlap]

  package init(scratchBytes: Int = 0, overlaps: [Overlap]) {
    self.scratchBytes = scratchBytes
    self.overlaps = overlaps
  }
}

extension QuantizedModel {
  /// What the kernels that define the arithmetic ask, layer by layer.
  package var portableMemory: [KernelMemory] { layers.map(\.operation.portableMemory) }

  /// Where the output of layer `step` may lie over the bytes of `tensor`, which it reads.
  func overlap(at step: Int, of tensor: Int, _ memory: KernelMemory) -> Overlap {
    let layer = layers[step]
    let counts = layer.operation.byteCounts
    let images = tensors[layer.output].byteCount / counts.output
    return layer.inputs.indices.filter { storage(of: layer.inputs[$0]) == storage(of: tensor) }
      .map {
        memory.overlaps[$0].repeated(
          images: images, inputBytes: counts.inputs[$0], outputBytes: counts.output)
      }
      .reduce(nil) { $0?.intersection($1) ?? $1 } ?? .none
  }
}
