internal import NetworkGraph
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension FloatNode {
  /// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR; input 1 has the new height and width.
  func resize() throws(NodeProblem) -> Operator.Resize {
    let input = try image()
    let mode = try RuntimeResize(code, operation)
    let output = try RuntimeResize.output(input, try integers(1))
    return Operator.Resize(
      input: input.extent, rows: mode.realPlaces(input: input.height, output: output.height),
      columns: mode.realPlaces(input: input.width, output: output.width))
  }

  /// TILE along one axis; see `TFLiteTile`.
  func tile() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let (index, shape) = try tensor(0)
    let tile = try TFLiteTile(shape, multiples: try integers(1))
    let layer = Operator.Resize(
      input: tile.image.extent, rows: (0..<tile.image.height).map(Double.init),
      columns: tile.columns.map(Double.init))
    return ([index], [.reshape(tile.image), .resize(layer), .reshape(tile.output)])
  }

  /// TRANSPOSE_CONV; inputs are the output's sizes, weights `[O, KH, KW, I]`, image and bias.
  func transposedConvolution() throws(NodeProblem) -> (inputs: [Int], [Operator]) {
    let filter = try filter(rank: 4)
    let input = try image(2)
    let window = try TFLiteTransposedWindow(
      operation, input: input, filter: filter, sizes: try integers(0))
    let (kernel, stride, output) = (window.kernel, window.stride, window.output)
    let layer = Operator.TransposedConv2D(
      weights: try floats(1), bias: try bias(filter[0], at: 3), kernel: kernel, stride: stride,
      cropping: Padding(
        top: window.padding.height, left: window.padding.width,
        bottom: (input.height - 1) * stride.height + kernel.height - window.padding.height
          - output.height,
        right: (input.width - 1) * stride.width + kernel.width - window.padding.width
          - output.width), inputChannels: filter[3], outputChannels: filter[0])
    return (
      [try tensor(2).index],
      [.transposedConv2D(layer)]
        + (try activation(option: TFLiteWindowFields.transposeConv.activation))
    )
  }
}
