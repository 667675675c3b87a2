internal import Tensors

extension Operation {
  /// The operation that computes some rows of the output alone, from as many rows of the input as
  /// their windows reach; `nil` where rows do not follow from rows.
  ///
  /// - Parameter height: Rows of the whole output.
  func strip(_ rows: Range<Int>, of height: Int) -> (operation: Operation, input: Range<Int>)? {
    switch self {
    case .conv2D(var layer):
      let span = (layer.kernel.height - 1) * layer.dilation.height + 1
      guard let input = cut(&layer.input, &layer.output, &layer.padding, span, layer.stride, rows)
      else { return nil }
      return (.conv2D(layer), input)
    case .depthwiseConv2D(var layer):
      let span = (layer.kernel.height - 1) * layer.dilation.height + 1
      guard let input = cut(&layer.input, &layer.output, &layer.padding, span, layer.stride, rows)
      else { return nil }
      return (.depthwiseConv2D(layer), input)
    case .averagePool(var layer):
      let span = layer.kernel.height
      guard let input = cut(&layer.input, &layer.output, &layer.padding, span, layer.stride, rows)
      else { return nil }
      return (.averagePool(layer), input)
    case .maxPool(var layer):
      let span = layer.kernel.height
      guard let input = cut(&layer.input, &layer.output, &layer.padding, span, layer.stride, rows)
      else { return nil }
      return (.maxPool(layer), input)
    case .lookup(var layer):
      layer.count = layer.count / height * rows.count
      return (.lookup(layer), rows)
    case .fullyConnected, .add, .multiply, .mean, .softmax, .extremum, .copy, .wide: return nil
    }
  }

  /// Whether the rows that the operation goes over are those of tensors of these shapes.
  func hasRows(of input: Shape, _ output: Shape) -> Bool {
    switch self {
    case .conv2D(let layer): layer.input == input.extent && layer.output == output.extent
    case .depthwiseConv2D(let layer): layer.input == input.extent && layer.output == output.extent
    case .averagePool(let layer): layer.input == input.extent && layer.output == output.extent
    case .maxPool(let layer): layer.input == input.extent && layer.output == output.extent
    case .lookup: input == output
    case .fullyConnected, .add, .multiply, .mean, .softmax, .extremum, .copy, .wide: false
    }
  }

  /// Cuts a sliding window's geometry to the output's `rows`; returns the rows of the input that
  /// they need, `nil` where all of them lie outside the image.
  private func cut(
    _ input: inout Extent, _ output: inout Extent, _ padding: inout Extent, _ span: Int,
    _ stride: Extent, _ rows: Range<Int>
  ) -> Range<Int>? {
    let origin = rows.lowerBound * stride.height - padding.height
    let end = (rows.upperBound - 1) * stride.height - padding.height + span
    let (first, last) = (max(origin, 0), min(end, input.height))
    guard first < last else { return nil }
    input.height = last - first
    output.height = rows.count
    padding.height = first - origin
    return first..<last
  }
}
