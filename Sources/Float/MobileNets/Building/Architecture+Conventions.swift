package import Tensors

extension Architecture {
  /// What batch normalization adds to a variance.
  var epsilon: Float { style == .keras || family.isV3 ? 1e-3 : 1e-5 }

  /// The style's usual preprocessing: a short side of 8/7 of the resolution and a center crop,
  /// unless images are small.
  package var preprocessing: Preprocessing {
    let mean: [Float] = style == .keras ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]
    let std: [Float] = style == .keras ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225]
    let side = isForSmallImages ? resolution : (resolution * 8 + 3) / 7
    return Preprocessing(
      mean: mean, std: std, resize: Extent(side, side), crop: Extent(resolution, resolution))
  }

  /// The padding of a convolution over an image of `input`.
  func padding(_ input: Extent, kernel: Int, stride: Int) -> Padding {
    switch style {
    case .torchvision:
      Padding(top: kernel / 2, left: kernel / 2, bottom: kernel / 2, right: kernel / 2)
    case .keras:
      .same(input: input, kernel: Extent(kernel, kernel), stride: Extent(stride, stride))
    }
  }

  /// The padding of a depthwise convolution. That of Keras' V1 is below and to the right at a
  /// stride of 2, on odd sizes too.
  func depthwisePadding(_ input: Extent, kernel: Int, stride: Int) -> Padding {
    guard style == .keras, family.isV1, stride == 2 else {
      return padding(input, kernel: kernel, stride: stride)
    }
    return Padding(top: 0, left: 0, bottom: 1, right: 1)
  }

  /// How the style stores a fully connected layer; Keras' V1 and V3 have 1 x 1 convolutions there.
  func matrixLayout(outputs: Int, inputs: Int) -> KernelLayout {
    style == .keras && family != .v2
      ? .convolution(style, outputs: outputs, inputs: inputs, kernel: 1)
      : .matrix(style, outputs: outputs, inputs: inputs)
  }
}
