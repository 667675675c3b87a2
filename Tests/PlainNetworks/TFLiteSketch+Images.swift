/// Operators that give an image another size, in real numbers.
extension TFLiteSketch {
  /// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR. Where codes are mixed, runtimes round the distance
  /// of neighboring places to 1024ths.
  func resized(
    _ node: Node, _ x: PlainTensor, isBilinear: Bool, corners: Bool, middles: Bool
  ) -> PlainTensor {
    let output = tensors[node.output].shape
    let isRounded = isBilinear && tensors[node.output].kind == .int8
    let places = (1...2).map { axis -> [Double] in
      let joint = corners && output[axis] > 1
      let (from, to) = (
        Double(x.sizes[axis] - (joint ? 1 : 0)), Double(output[axis] - (joint ? 1 : 0))
      )
      var step = from / to
      if isRounded { step = (1024 * step).rounded() / 1024 }
      return (0..<output[axis]).map { index in
        guard isBilinear else {
          let place = (Float(index) + (middles ? 0.5 : 0)) * (Float(from) / Float(to))
          return min(
            Double(corners ? place.rounded() : place.rounded(.down)), Double(x.sizes[axis] - 1))
        }
        var shift = middles ? step / 2 - 0.5 : 0
        if isRounded { shift = (1024 * shift).rounded(.down) / 1024 }
        return min(max(Double(index) * step + shift, 0), Double(x.sizes[axis] - 1))
      }
    }
    return PlainTensor(output) { position in
      let (y, column) = (places[0][position[1]], places[1][position[2]])
      var sum = 0.0
      for row in [y.rounded(.down), y.rounded(.up)].uniqued {
        for other in [column.rounded(.down), column.rounded(.up)].uniqued {
          sum +=
            (1 - abs(y - row)) * (1 - abs(column - other))
            * x[[position[0], Int(row), Int(other), position[3]]]
        }
      }
      return sum
    }
  }

  /// TRANSPOSE_CONV, by pixels of the input.
  func transposedConvolution(
    _ node: Node, _ window: Window, _ x: PlainTensor, _ weights: PlainTensor, bias: [Double]
  ) -> PlainTensor {
    let output = tensors[node.output].shape
    var before = [0, 0]
    for axis in 0..<2 where window.isSame {
      let count = (output[axis + 1] + window.stride[axis] - 1) / window.stride[axis]
      let reach = (count - 1) * window.stride[axis] + window.kernel[axis]
      before[axis] = max(0, reach - output[axis + 1]) / 2
    }
    var sums = PlainTensor(output) { bias[$0[3]] }.values
    for n in 0..<x.sizes[0] {
      for y in 0..<x.sizes[1] {
        for column in 0..<x.sizes[2] {
          for ky in 0..<window.kernel[0] {
            for kx in 0..<window.kernel[1] {
              let place = [
                y * window.stride[0] + ky - before[0], column * window.stride[1] + kx - before[1],
              ]
              guard 0..<output[1] ~= place[0], 0..<output[2] ~= place[1] else { continue }
              let first = ((n * output[1] + place[0]) * output[2] + place[1]) * output[3]
              for o in 0..<output[3] {
                for i in 0..<x.sizes[3] {
                  sums[first + o] += weights[[o, ky, kx, i]] * x[[n, y, column, i]]
                }
              }
            }
          }
        }
      }
    }
    return PlainTensor(output, sums)
  }
}

extension [Double] {
  fileprivate var uniqued: Set<Double> { Set(self) }
}
