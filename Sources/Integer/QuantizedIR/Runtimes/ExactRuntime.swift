package import FixedPoint
internal import Tensors

/// The runtime whose results an imported int8 model repeats to the byte. The raw value is its
/// spelling in files and on the command line.
package enum ExactRuntime: String, CaseIterable, Codable, Sendable {
  /// LiteRT (TensorFlow Lite) with its reference kernels.
  case litert
  /// TensorFlow Lite Micro, with reference kernels or CMSIS-NN.
  case tflm
}

/// Where the two runtimes compute differently from one file.
extension ExactRuntime {
  /// How a fully connected layer's sum becomes a code.
  package var fullyConnectedRounding: Rounding {
    switch self {
    case .litert: .singleAway
    case .tflm: .double
    }
  }

  /// The factor of a product of tensors `a` and `b`: LiteRT computes it in 32-bit floats, TFLM in
  /// 64-bit ones.
  ///
  /// Source: TensorFlow Lite `kernels/mul.cc`; TFLM `kernels/mul_common.cc`.
  package func productFactor(
    _ a: QuantizedTensor, _ b: QuantizedTensor, _ output: QuantizedTensor
  ) -> Double {
    switch self {
    case .litert: Double(Float(a.scale) * Float(b.scale) / Float(output.scale))
    case .tflm: a.scale * b.scale / output.scale
    }
  }
}

extension QuantizedModel {
  /// The same weights and scales, computed as `runtime` computes them: its tables instead of the
  /// correctly rounded functions, its factors of products, its rounding of fully connected layers.
  ///
  /// A few codes of each table are one off the nearest then; in return the model exported for the
  /// runtime gives this tool's bytes.
  package func exact(with runtime: ExactRuntime) -> QuantizedModel {
    var model = self
    model.provenance.exactWith = runtime
    for index in layers.indices {
      let layer = layers[index]
      model.layers[index].operation = layer.operation.traits.exact(
        with: runtime, layer.inputs.map { tensors[$0] }, tensors[layer.output])
    }
    return model
  }
}
