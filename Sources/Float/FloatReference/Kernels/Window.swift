internal import HostKernels
internal import Tensors

extension mnqh_window {
  /// A kernel that slides over `input` to make `output`, both NHWC.
  init(
    input: Shape, output: Shape, kernel: Extent, stride: Extent, dilation: Extent, padding: Padding
  ) {
    self.init(
      input_height: Int32(input.height), input_width: Int32(input.width),
      output_height: Int32(output.height), output_width: Int32(output.width),
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      padding_top: Int32(padding.top), padding_left: Int32(padding.left))
  }
}
