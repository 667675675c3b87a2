internal import HostKernels
internal import QuantizedIR

/// A kernel with the address of its layer's struct. It owns nothing: copies cost no reference
/// counts.
enum HostKernel {
  case conv2D(UnsafePointer<mnqh_conv2d_s8_layer>)
  case depthwiseConv2D(UnsafePointer<mnqh_depthwise_s8_layer>)
  case fullyConnected(UnsafePointer<mnqh_gemm_s8_layer>)
  case curve(UnsafePointer<mnqh_curve_s8_layer>)
  case add(UnsafePointer<mnqh_add_s8_layer>, count: Int)
  case scaleChannels(
    UnsafePointer<mnqh_scale_channels_s8_layer>, pixels: Int, channels: Int, swapsOperands: Bool)
  case globalAverage(Pool)
  case mean(UnsafePointer<mnqh_mean_s8_layer>, pixels: Int, channels: Int)
  case lookup(UnsafePointer<Int8>, count: Int)
  case hardSwish(UnsafePointer<mnqh_hard_swish_s8_layer>, count: Int)
  /// The definition in plain Swift, for what has no kernel of its own.
  case plain(Unmanaged<PlainOperation>)

  /// Bytes of working memory that the kernel needs.
  var scratchBytes: Int {
    switch self {
    case .conv2D(let layer): mnqh_conv2d_s8_scratch_bytes(layer)
    case .depthwiseConv2D(let layer): mnqh_depthwise_s8_scratch_bytes(layer)
    case .fullyConnected(let layer): mnqh_gemm_s8_scratch_bytes(layer, 1)
    case .curve(let layer): mnqh_curve_s8_scratch_bytes(layer)
    case .globalAverage(let layer): layer.channels * MemoryLayout<Int32>.stride
    case .mean(_, _, let channels): channels * MemoryLayout<Int32>.stride
    case .plain(let plain):
      plain.takeUnretainedValue().operation.byteCounts.inputs.reduce(0, +)
    case .add, .scaleChannels, .lookup, .hardSwish: 0
    }
  }

  /// Runs the kernel for one image; `b` is `a` where there is one operand. `output` may be an
  /// operand where the operation says so.
  func run(
    _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    scratch: UnsafeMutableRawPointer
  ) {
    switch self {
    case .conv2D(let layer): mnqh_conv2d_s8(layer, a, output, scratch)
    case .depthwiseConv2D(let layer): mnqh_depthwise_s8(layer, a, output, scratch)
    case .fullyConnected(let layer): mnqh_gemm_s8(layer, 1, a, output, scratch)
    case .curve(let layer): mnqh_curve_s8(layer, a, output, scratch)
    case .add(let layer, let count): mnqh_add_s8(layer, count, a, b, output)
    case .scaleChannels(let layer, let pixels, let channels, let swapsOperands):
      mnqh_scale_channels_s8(
        layer, pixels, channels, swapsOperands ? b : a, swapsOperands ? a : b, output)
    case .globalAverage(let layer): layer.runGlobally(a, output, scratch: scratch)
    case .mean(let layer, let pixels, let channels):
      mnqh_mean_s8(
        layer, pixels, channels, a, output,
        scratch.bindMemory(to: Int32.self, capacity: channels))
    case .lookup(let table, let count): mnqh_lookup_s8(count, a, table, output)
    case .hardSwish(let layer, let count): mnqh_hard_swish_s8(layer, count, a, output)
    case .plain(let plain):
      plain.takeUnretainedValue().operation.runPlainly(a, b, output, scratch: scratch)
    }
  }
}
