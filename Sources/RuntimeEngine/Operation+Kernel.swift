internal import QuantizedIR

extension Operation {
  /// The kernel that runs this operation, with its struct and constants in `tables`.
  func kernel(_ tables: ConstantTables) -> Kernel {
    switch self {
    case .conv2D(let layer): .conv2D(tables.address(of: layer.runtimeLayer(tables)))
    case .depthwiseConv2D(let layer):
      .depthwiseConv2D(tables.address(of: layer.runtimeLayer(tables)))
    case .fullyConnected(let layer):
      .fullyConnected(tables.address(of: layer.runtimeLayer(tables)))
    case .add(let layer): .add(tables.address(of: layer.runtimeLayer))
    case .multiply(let layer): .multiply(tables.address(of: layer.runtimeLayer))
    case .averagePool(let layer): .averagePool(tables.address(of: layer.runtimeLayer))
    case .maxPool(let layer): .maxPool(tables.address(of: layer.runtimeLayer))
    case .mean(let layer): .mean(tables.address(of: layer.runtimeLayer))
    case .lookup(let layer): .lookup(tables.address(of: layer.runtimeLayer(tables)))
    case .softmax(let layer): .softmax(tables.address(of: layer.runtimeLayer))
    case .extremum(let layer): .extremum(tables.address(of: layer.runtimeLayer))
    case .copy(let layer): .copy(tables.address(of: layer.runtimeLayer))
    case .wide(let layer): layer.kernel(tables)
    }
  }
}
