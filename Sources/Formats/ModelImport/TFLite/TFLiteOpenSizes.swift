internal import TFLiteSchema
internal import Tensors

extension TFLiteOperator {
  /// The sizes of output 0 where a converter that did not know the batch left them open, and wrote 1
  /// for each; `nil` for operators whose sizes it knows all the same.
  ///
  /// Keras spells a Dense layer of rows and growing images with a RESHAPE whose first size is open,
  /// and what follows has more rows than the file says.
  ///
  /// - Parameter tensors: The file's, with the sizes of the inputs closed.
  func closedSizes(_ tensors: [TFLiteTensor]) -> [Int]? {
    guard let input = inputs.first ?? nil, tensors.indices.contains(input) else { return nil }
    let sizes = tensors[input].dimensions
    switch kind {
    case "RESHAPE": return reshaped(sizes, tensors)
    case "FULLY_CONNECTED": return rows(sizes, tensors)
    case "ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM": return broadcast(tensors)
    case "CONV_2D": return window(tensors, .conv2D, outputs: 0)
    case "DEPTHWISE_CONV_2D": return window(tensors, .depthwiseConv2D, outputs: 3)
    case "AVERAGE_POOL_2D", "MAX_POOL_2D": return window(tensors, .pool2D, outputs: nil)
    case "CONCATENATION": return joined(tensors)
    case "TILE":
      guard let counts = integers(1, tensors), counts.count == sizes.count else { return nil }
      return zip(sizes, counts).map { $0.multipliedReportingOverflow(by: $1).partialValue }
    case "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LOGISTIC", "TANH", "ELU", "GELU",
      "LEAKY_RELU", "HARD_SWISH", "SOFTMAX", "LOG_SOFTMAX", "QUANTIZE", "DEQUANTIZE":
      return sizes
    default: return nil
    }
  }

  /// The numbers of constant input `place`.
  private func integers(_ place: Int, _ tensors: [TFLiteTensor]) -> [Int]? {
    guard inputs.indices.contains(place), let input = inputs[place],
      tensors.indices.contains(input), tensors[input].isConstant
    else { return nil }
    return try? tensors[input].integers()
  }

  private func reshaped(_ sizes: [Int], _ tensors: [TFLiteTensor]) -> [Int]? {
    guard var listed = integers(1, tensors), let count = countIfPossible(sizes) else { return nil }
    if let free = listed.firstIndex(of: -1) {
      listed[free] = 1
      guard let others = countIfPossible(listed), others > 0, count % others == 0 else {
        return nil
      }
      listed[free] = count / others
    }
    return countIfPossible(listed) == count ? listed : nil
  }

  /// As many rows as the input has of the weights' length.
  private func rows(_ sizes: [Int], _ tensors: [TFLiteTensor]) -> [Int]? {
    guard inputs.count > 1, let weights = inputs[1], tensors.indices.contains(weights),
      let count = countIfPossible(sizes), tensors[weights].dimensions.count == 2,
      let outputs = tensors[weights].dimensions.first,
      let length = tensors[weights].dimensions.last, length > 0, count % length == 0
    else { return nil }
    let keepsAxes = (try? flag(TFLiteField.FullyConnectedOptions.keepsAxes)) ?? false
    return keepsAxes ? sizes.dropLast() + [outputs] : [count / length, outputs]
  }

  /// A window's, with as many channels as axis `outputs` of the weights, or as the input without any.
  private func window(
    _ tensors: [TFLiteTensor], _ fields: TFLiteWindowFields, outputs: Int?
  ) -> [Int]? {
    guard let input = inputs.first ?? nil, let image = try? tensors[input].shape() else {
      return nil
    }
    var (kernel, channels): (Extent?, Int) = (nil, image.channels)
    if let outputs {
      guard inputs.count > 1, let weights = inputs[1], tensors.indices.contains(weights),
        let taps = try? tensors[weights].shape(), taps.rank == 4
      else { return nil }
      (kernel, channels) = (taps.extent, taps.dimensions[outputs])
    }
    guard let window = try? TFLiteWindow(self, input: image, kernel: kernel, fields: fields) else {
      return nil
    }
    return [image.dimensions[0], window.output.height, window.output.width, channels]
  }

  /// The sizes of the first input, but for the axis along which all lie.
  private func joined(_ tensors: [TFLiteTensor]) -> [Int]? {
    let parts = inputs.compactMap { $0 }.filter(tensors.indices.contains)
      .compactMap { try? tensors[$0].shape().dimensions }
    guard parts.count == inputs.count, var sizes = parts.first,
      let listed = try? integer(TFLiteField.ConcatenationOptions.axis, default: Int32(0))
    else { return nil }
    let axis = listed < 0 ? listed + sizes.count : listed
    guard sizes.indices.contains(axis), parts.allSatisfy({ $0.count == sizes.count }) else {
      return nil
    }
    sizes[axis] = parts.reduce(0) { $0 + $1[axis] }
    return sizes
  }

  /// Sizes meet from the innermost outwards.
  private func broadcast(_ tensors: [TFLiteTensor]) -> [Int]? {
    guard inputs.count == 2, let first = inputs[0], let second = inputs[1],
      tensors.indices.contains(first), tensors.indices.contains(second)
    else { return nil }
    let (a, b) = (tensors[first].dimensions, tensors[second].dimensions)
    let rank = max(a.count, b.count)
    let ones = { (sizes: [Int]) in [Int](repeating: 1, count: rank - sizes.count) + sizes }
    return zip(ones(a), ones(b)).map { max($0, $1) }
  }
}
