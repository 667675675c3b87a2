internal import CRuntime

/// A kernel of `CRuntime` as a row of the layer table calls it.
struct KernelCall: Sendable {
  /// The size of the kernel's struct, in bytes.
  let structBytes: Int
  /// `b` and `scratch` are read by kernels that have them.
  let run:
    @Sendable (
      _ layer: UnsafeRawPointer, _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>,
      _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  /// The kernel whose C names have `stem` in common, as `Kernel.stem` says. Twin: `net_step`.
  init(_ stem: String) {
    guard let call = Self.calls[stem] else {
      preconditionFailure("the runtime has no kernel called \(stem)")
    }
    self = call
  }

  private init(
    structBytes: Int,
    run:
      @escaping @Sendable (
        UnsafeRawPointer, UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafeMutablePointer<Int8>,
        UnsafeMutableRawPointer
      ) -> Void
  ) {
    self.structBytes = structBytes
    self.run = run
  }

  private typealias Unary<Layer> =
    @Sendable (
      UnsafePointer<Layer>?, UnsafePointer<Int8>?, UnsafeMutablePointer<Int8>?
    ) -> Void

  private typealias Binary<Layer> =
    @Sendable (
      UnsafePointer<Layer>?, UnsafePointer<Int8>?, UnsafePointer<Int8>?, UnsafeMutablePointer<Int8>?
    ) -> Void

  private typealias Packed =
    @Sendable (
      UnsafePointer<mnq_packed>?, UnsafePointer<Int8>?, UnsafeMutablePointer<Int8>?,
      UnsafeMutableRawPointer?
    ) -> Void

  private static func unary<Layer>(_ kernel: @escaping Unary<Layer>) -> KernelCall {
    KernelCall(structBytes: MemoryLayout<Layer>.stride) { layer, a, _, output, _ in
      kernel(layer.assumingMemoryBound(to: Layer.self), a, output)
    }
  }

  private static func binary<Layer>(_ kernel: @escaping Binary<Layer>) -> KernelCall {
    KernelCall(structBytes: MemoryLayout<Layer>.stride) { layer, a, b, output, _ in
      kernel(layer.assumingMemoryBound(to: Layer.self), a, b, output)
    }
  }

  /// A kernel with a curve reads the struct with a curve, of which the other one is the beginning.
  private static func packed(_ kernel: @escaping Packed, hasCurve: Bool = false) -> KernelCall {
    let bytes =
      hasCurve ? MemoryLayout<mnq_packed_curve>.stride : MemoryLayout<mnq_packed>.stride
    return KernelCall(structBytes: bytes) { layer, a, _, output, scratch in
      kernel(layer.assumingMemoryBound(to: mnq_packed.self), a, output, scratch)
    }
  }

  private static let calls: [String: KernelCall] = [
    "conv2d": unary(mnq_conv2d_s8), "conv2d_curve": unary(mnq_conv2d_curve_s8),
    "conv2d_wide": unary(mnq_conv2d_wide_s16),
    "depthwise_conv2d": unary(mnq_depthwise_conv2d_s8),
    "depthwise_conv2d_curve": unary(mnq_depthwise_conv2d_curve_s8),
    "depthwise_conv2d_wide": unary(mnq_depthwise_conv2d_wide_s16),
    "fully_connected": unary(mnq_fully_connected_s8),
    "fully_connected_curve": unary(mnq_fully_connected_curve_s8),
    "fully_connected_wide": unary(mnq_fully_connected_wide_s16),
    "add": binary(mnq_add_s8), "add_wide": binary(mnq_add_wide_s16),
    "multiply": binary(mnq_multiply_s8), "multiply_wide": binary(mnq_multiply_wide_s16),
    "average_pool": unary(mnq_average_pool_s8), "max_pool": unary(mnq_max_pool_s8),
    "mean": unary(mnq_mean_s8), "mean_wide": unary(mnq_mean_wide_s16),
    "lookup": unary(mnq_lookup_s8), "softmax": unary(mnq_softmax_s8),
    "extremum": binary(mnq_extremum_s8), "copy": unary(mnq_copy_s8),
    "conv2d_fast": packed(mnq_conv2d_fast), "conv2d_dsp": packed(mnq_conv2d_dsp),
    "conv2d_mve": packed(mnq_conv2d_mve),
    "conv2d_fast_curve": packed(mnq_conv2d_fast_curve, hasCurve: true),
    "conv2d_dsp_curve": packed(mnq_conv2d_dsp_curve, hasCurve: true),
    "depthwise_conv2d_fast": packed(mnq_depthwise_conv2d_fast),
    "depthwise_conv2d_dsp": packed(mnq_depthwise_conv2d_dsp),
    "depthwise_conv2d_mve": packed(mnq_depthwise_conv2d_mve),
    "depthwise_conv2d_fast_curve": packed(mnq_depthwise_conv2d_fast_curve, hasCurve: true),
    "depthwise_conv2d_dsp_curve": packed(mnq_depthwise_conv2d_dsp_curve, hasCurve: true),
    "add_fast": binary(mnq_add_fast), "add_mve": binary(mnq_add_mve),
    "multiply_fast": binary(mnq_multiply_fast),
  ]
}
