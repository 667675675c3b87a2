internal import CRuntime

/// A kernel of `CRuntime` as a row of the layer table calls it.
struct KernelCall: Sendable {
  /// The size of the kernel's struct, in bytes.
  let structBytes: Int
  let function: BoundKernel.Function

  /// The kernel whose C names have `stem` in common, as `Kernel.stem` says. Twin: `net_step`.
  init(_ stem: String) {
    guard let call = Self.unary[stem] ?? Self.binary[stem] ?? Self.packed[stem] else {
      preconditionFailure("the runtime has no kernel called \(stem)")
    }
    self = call
  }

  /// A kernel whose struct is a `Layer`.
  private init<Layer>(_: Layer.Type, _ function: @escaping BoundKernel.Function) {
    structBytes = MemoryLayout<Layer>.stride
    self.function = function
  }

  private static let unary: [String: KernelCall] = [
    "conv2d": KernelCall(mnq_conv2d.self) { layer, a, _, output, _ in
      mnq_conv2d_s8(layer.bound(), a, output)
    },
    "conv2d_curve": KernelCall(mnq_conv2d.self) { layer, a, _, output, _ in
      mnq_conv2d_curve_s8(layer.bound(), a, output)
    },
    "conv2d_wide": KernelCall(mnq_conv2d_wide.self) { layer, a, _, output, _ in
      mnq_conv2d_wide_s16(layer.bound(), a, output)
    },
    "depthwise_conv2d": KernelCall(mnq_depthwise_conv2d.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_s8(layer.bound(), a, output)
    },
    "depthwise_conv2d_curve": KernelCall(mnq_depthwise_conv2d.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_curve_s8(layer.bound(), a, output)
    },
    "depthwise_conv2d_wide": KernelCall(mnq_depthwise_conv2d_wide.self) { layer, a, _, output, _ in
      mnq_depthwise_conv2d_wide_s16(layer.bound(), a, output)
    },
    "transposed_conv2d": KernelCall(mnq_transposed_conv2d.self) { layer, a, _, output, _ in
      mnq_transposed_conv2d_s8(layer.bound(), a, output)
    },
    "transposed_conv2d_curve": KernelCall(mnq_transposed_conv2d.self) { layer, a, _, output, _ in
      mnq_transposed_conv2d_curve_s8(layer.bound(), a, output)
    },
    "resize": KernelCall(mnq_resize.self) { layer, a, _, output, _ in
      mnq_resize_s8(layer.bound(), a, output)
    },
    "fully_connected": KernelCall(mnq_fully_connected.self) { layer, a, _, output, _ in
      mnq_fully_connected_s8(layer.bound(), a, output)
    },
    "fully_connected_curve": KernelCall(mnq_fully_connected.self) { layer, a, _, output, _ in
      mnq_fully_connected_curve_s8(layer.bound(), a, output)
    },
    "fully_connected_wide": KernelCall(mnq_fully_connected_wide.self) { layer, a, _, output, _ in
      mnq_fully_connected_wide_s16(layer.bound(), a, output)
    },
    "average_pool": KernelCall(mnq_average_pool.self) { layer, a, _, output, _ in
      mnq_average_pool_s8(layer.bound(), a, output)
    },
    "max_pool": KernelCall(mnq_max_pool.self) { layer, a, _, output, _ in
      mnq_max_pool_s8(layer.bound(), a, output)
    },
    "mean": KernelCall(mnq_mean.self) { layer, a, _, output, _ in
      mnq_mean_s8(layer.bound(), a, output)
    },
    "mean_wide": KernelCall(mnq_mean_wide.self) { layer, a, _, output, _ in
      mnq_mean_wide_s16(layer.bound(), a, output)
    },
    "lookup": KernelCall(mnq_lookup.self) { layer, a, _, output, _ in
      mnq_lookup_s8(layer.bound(), a, output)
    },
    "prelu": KernelCall(mnq_prelu.self) { layer, a, _, output, _ in
      mnq_prelu_s8(layer.bound(), a, output)
    },
    "softmax": KernelCall(mnq_softmax.self) { layer, a, _, output, _ in
      mnq_softmax_s8(layer.bound(), a, output)
    },
    "copy": KernelCall(mnq_copy.self) { layer, a, _, output, _ in
      mnq_copy_s8(layer.bound(), a, output)
    },
  ]

  private static let binary: [String: KernelCall] = [
    "add": KernelCall(mnq_add.self) { layer, a, b, output, _ in
      mnq_add_s8(layer.bound(), a, b, output)
    },
    "add_fast": KernelCall(mnq_packed_add.self) { layer, a, b, output, _ in
      mnq_add_fast(layer.bound(), a, b, output)
    },
    "add_mve": KernelCall(mnq_packed_add.self) { layer, a, b, output, _ in
      mnq_add_mve(layer.bound(), a, b, output)
    },
    "add_wide": KernelCall(mnq_add_wide.self) { layer, a, b, output, _ in
      mnq_add_wide_s16(layer.bound(), a, b, output)
    },
    "multiply": KernelCall(mnq_multiply.self) { layer, a, b, output, _ in
      mnq_multiply_s8(layer.bound(), a, b, output)
    },
    "multiply_fast": KernelCall(mnq_packed_multiply.self) { layer, a, b, output, _ in
      mnq_multiply_fast(layer.bound(), a, b, output)
    },
    "multiply_wide": KernelCall(mnq_multiply_wide.self) { layer, a, b, output, _ in
      mnq_multiply_wide_s16(layer.bound(), a, b, output)
    },
    "extremum": KernelCall(mnq_extremum.self) { layer, a, b, output, _ in
      mnq_extremum_s8(layer.bound(), a, b, output)
    },
  ]

  /// Kernels with working memory. One with a curve reads the struct with a curve, of which the other
  /// one is the beginning.
  private static let packed: [String: KernelCall] = [
    "conv2d_fast": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_fast(layer.bound(), a, output, scratch)
    },
    "conv2d_dsp": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_dsp(layer.bound(), a, output, scratch)
    },
    "conv2d_mve": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_conv2d_mve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_fast": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_fast(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_dsp": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_dsp(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_mve": KernelCall(mnq_packed.self) { layer, a, _, output, scratch in
      mnq_depthwise_conv2d_mve(layer.bound(), a, output, scratch)
    },
    "conv2d_fast_curve": KernelCall(mnq_packed_curve.self) { layer, a, _, output, scratch in
      mnq_conv2d_fast_curve(layer.bound(), a, output, scratch)
    },
    "conv2d_dsp_curve": KernelCall(mnq_packed_curve.self) { layer, a, _, output, scratch in
      mnq_conv2d_dsp_curve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_fast_curve": KernelCall(mnq_packed_curve.self) {
      layer, a, _, output, scratch in
      mnq_depthwise_conv2d_fast_curve(layer.bound(), a, output, scratch)
    },
    "depthwise_conv2d_dsp_curve": KernelCall(mnq_packed_curve.self) {
      layer, a, _, output, scratch in
      mnq_depthwise_conv2d_dsp_curve(layer.bound(), a, output, scratch)
    },
  ]
}
