internal import QuantizedIR

extension Operation {
  /// What the kernels of this machine ask of the arena. They work on whole vectors, so an output
  /// may take the place of an operand of its size and otherwise overlaps none; they have working
  /// memory of their own.
  var hostMemory: KernelMemory {
    KernelMemory(
      overlaps: portableMemory.overlaps.map { overlap in
        switch self {
        case .lookup, .softmax, .add, .multiply, .extremum: overlap == .none ? .none : .inPlace
        case .conv2D, .depthwiseConv2D, .fullyConnected, .pool, .mean, .copy, .wide:
          .none
        }
      })
  }
}
