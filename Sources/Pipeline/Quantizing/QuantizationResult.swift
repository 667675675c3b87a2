package import QuantizedIR

/// An int8 model that was made just now.
package struct QuantizationResult: Sendable {
  package let model: QuantizedModel
  /// What to tell the user, one sentence each.
  package let warnings: [String]

  package var layerCount: Int { model.layers.count }

  /// Of weights, biases, multipliers, shifts and tables.
  package var constantBytes: Int { model.constantBytes }

  /// With portable kernels.
  package var arenaBytes: Int { MemoryPlan(model).arenaBytes }

  /// The tensors with 16-bit codes.
  package var wideTensors: [String] {
    model.tensors.filter { $0.width == .int16 }.map(\.name)
  }
}

extension QuantizedModel {
  /// Of weights, biases, multipliers, shifts and tables.
  var constantBytes: Int { layers.reduce(0) { $0 + $1.operation.constantBytes } }
}
