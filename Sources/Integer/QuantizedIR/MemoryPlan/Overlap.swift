internal import Tensors

/// Which parts of its input a kernel may write over: a statement about the order in which it reads
/// and writes, made beside the kernel. Disjoint buffers are always allowed.
///
/// Distances are where the input begins less where the output begins, in bytes.
package enum Overlap: Hashable, Sendable {
  /// None: some input is still needed when the last of the output is written.
  case none
  /// The output trails the input: any distance from this one on. It may be negative.
  case trailing(distance: Int)
  /// All that the kernel writes over, it has read before: distances that are multiples of this.
  case multiples(of: Int)

  /// Everything is read before anything is written.
  package static let anywhere = Overlap.multiples(of: 1)

  /// The output may take the input's place, and nothing else.
  package static let inPlace = Overlap.multiples(of: .max)

  /// Whether the output may lie at `distance`, where the two are not disjoint.
  package func allows(distance: Int) -> Bool {
    switch self {
    case .none: false
    case .trailing(let least): distance >= least
    case .multiples(let unit): distance % unit == 0
    }
  }

  /// What holds where the kernel runs for `images` images, one behind the other in both buffers.
  package func repeated(images: Int, inputBytes: Int, outputBytes: Int) -> Overlap {
    guard images > 1 else { return self }
    let growth = outputBytes - inputBytes
    // Behind each image but the last one, the next is still needed.
    let between = max(growth, (images - 1) * growth)
    switch self {
    case .none: return .none
    case .trailing(let least):
      return .trailing(distance: max(least, least + (images - 1) * growth, between))
    case .multiples(let unit): return unit == 1 ? .trailing(distance: between) : .none
    }
  }

  /// What holds for the buffers of which input and output are parts, where the output's begins
  /// `bytes` further behind its start than the input's does.
  func shifted(by bytes: Int) -> Overlap {
    switch self {
    case .none: .none
    case .trailing(let least): .trailing(distance: least + bytes)
    case .multiples(let unit): unit == 1 || bytes == 0 ? self : .none
    }
  }

  /// What holds for a buffer that a kernel reads twice.
  package func intersection(_ other: Overlap) -> Overlap {
    switch (self, other) {
    case (.trailing(let a), .trailing(let b)): .trailing(distance: max(a, b))
    default: self == other ? self : .none
    }
  }

  /// The most bytes that an input and an output of these sizes may share.
  func sharedBytes(input: Int, output: Int) -> Int {
    switch self {
    case .none: 0
    case .multiples: min(input, output)
    case .trailing(let least):
      max(0, min(output - max(least, 0).roundedUp(to: MemoryPlan.alignment), input))
    }
  }
}

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

extension Operation {
  /// What the kernel that defines the arithmetic asks of the arena.
  package var portableMemory: KernelMemory { KernelMemory(overlaps: traits.overlaps) }
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
