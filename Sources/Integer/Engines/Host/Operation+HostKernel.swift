internal import QuantizedIR

extension Operation {
  /// The kernel that runs this operation, with its struct and packed constants in `memory`.
  func hostKernel(_ memory: PackedMemory) -> HostKernel {
    let kernel: HostKernel? =
      switch self {
      case .conv2D(let layer): layer.hostKernel(memory)
      case .depthwiseConv2D(let layer): layer.hostKernel(memory)
      case .fullyConnected(let layer): layer.hostKernel(memory)
      case .add(let layer): layer.hostKernel(memory)
      case .multiply(let layer): layer.hostKernel(memory)
      case .pool(let layer): layer.hostKernel
      case .mean(let layer): layer.hostKernel(memory)
      case .lookup(let layer): layer.hostKernel(memory)
      case .softmax, .extremum, .copy, .wide: nil
      }
    return kernel ?? .plain(memory.keep(PlainOperation(self)))
  }
}
