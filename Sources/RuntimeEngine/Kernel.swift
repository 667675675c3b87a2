internal import CRuntime

/// A kernel of the runtime with the address of its layer's struct.
enum Kernel {
  case conv2D(UnsafePointer<mnq_conv2d>)
  case depthwiseConv2D(UnsafePointer<mnq_depthwise_conv2d>)
  case fullyConnected(UnsafePointer<mnq_fully_connected>)
  case add(UnsafePointer<mnq_add>)
  case multiply(UnsafePointer<mnq_multiply>)
  case averagePool(UnsafePointer<mnq_average_pool>)
  case maxPool(UnsafePointer<mnq_max_pool>)
  case mean(UnsafePointer<mnq_mean>)
  case lookup(UnsafePointer<mnq_lookup>)
  case softmax(UnsafePointer<mnq_softmax>)
  case extremum(UnsafePointer<mnq_extremum>)
  case copy(UnsafePointer<mnq_copy>)
  case wideConv2D(UnsafePointer<mnq_conv2d_wide>)
  case wideDepthwiseConv2D(UnsafePointer<mnq_depthwise_conv2d_wide>)
  case wideFullyConnected(UnsafePointer<mnq_fully_connected_wide>)
  case wideAdd(UnsafePointer<mnq_add_wide>)
  case wideMultiply(UnsafePointer<mnq_multiply_wide>)
  case wideMean(UnsafePointer<mnq_mean_wide>)

  /// Runs the kernel for one image; `b` is `a` where there is one operand.
  func run(_ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>)
  {
    switch self {
    case .conv2D(let layer):
      (layer.pointee.curve == nil ? mnq_conv2d_s8 : mnq_conv2d_curve_s8)(layer, a, output)
    case .depthwiseConv2D(let layer):
      (layer.pointee.curve == nil ? mnq_depthwise_conv2d_s8 : mnq_depthwise_conv2d_curve_s8)(
        layer, a, output)
    case .fullyConnected(let layer):
      (layer.pointee.curve == nil ? mnq_fully_connected_s8 : mnq_fully_connected_curve_s8)(
        layer, a, output)
    case .add(let layer): mnq_add_s8(layer, a, b, output)
    case .multiply(let layer): mnq_multiply_s8(layer, a, b, output)
    case .averagePool(let layer): mnq_average_pool_s8(layer, a, output)
    case .maxPool(let layer): mnq_max_pool_s8(layer, a, output)
    case .mean(let layer): mnq_mean_s8(layer, a, output)
    case .lookup(let layer): mnq_lookup_s8(layer, a, output)
    case .softmax(let layer): mnq_softmax_s8(layer, a, output)
    case .extremum(let layer): mnq_extremum_s8(layer, a, b, output)
    case .copy(let layer): mnq_copy_s8(layer, a, output)
    case .wideConv2D(let layer): mnq_conv2d_wide_s16(layer, a, output)
    case .wideDepthwiseConv2D(let layer): mnq_depthwise_conv2d_wide_s16(layer, a, output)
    case .wideFullyConnected(let layer): mnq_fully_connected_wide_s16(layer, a, output)
    case .wideAdd(let layer): mnq_add_wide_s16(layer, a, b, output)
    case .wideMultiply(let layer): mnq_multiply_wide_s16(layer, a, b, output)
    case .wideMean(let layer): mnq_mean_wide_s16(layer, a, output)
    }
  }
}
