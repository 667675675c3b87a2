/// What gives an image another size.
extension Call {
  private func text(_ name: String, _ value: String) -> String {
    if case .text(let found)? = node.attributes[name] { found } else { value }
  }

  /// ConvTranspose, by pixels of the input: each adds its products to what its taps reach.
  var transposedConvolution: PlainTensor {
    let weights = required(1)
    let groups = integer("group", 1)
    let (depth, outputs) = (x.sizes[1] / groups, weights.sizes[1])
    let strides = integers("strides") ?? [1, 1]
    let dilations = integers("dilations") ?? [1, 1]
    let extra = integers("output_padding") ?? [0, 0]
    var (before, sizes) = ([0, 0], [0, 0])
    for axis in 0..<2 {
      let span = (weights.sizes[axis + 2] - 1) * dilations[axis] + 1
      let reach = (x.sizes[axis + 2] - 1) * strides[axis] + span + extra[axis]
      let mode = text("auto_pad", "NOTSET")
      let asked =
        integers("output_shape")?[axis]
        ?? (mode.hasPrefix("SAME") ? x.sizes[axis + 2] * strides[axis] : nil)
      if let asked {
        let total = max(0, reach - asked)
        (before[axis], sizes[axis]) = (mode == "SAME_UPPER" ? total / 2 : total - total / 2, asked)
      } else {
        let pads = integers("pads") ?? [0, 0, 0, 0]
        (before[axis], sizes[axis]) = (pads[axis], reach - pads[axis] - pads[axis + 2])
      }
    }
    let bias = input(2)?.values ?? [Double](repeating: 0, count: outputs * groups)
    let shape = [x.sizes[0], outputs * groups] + sizes
    var sums = PlainTensor(shape) { bias[$0[1]] }.values
    _ = PlainTensor(x.sizes + Array(weights.sizes[2...])) { place in
      let y = place[2] * strides[0] + place[4] * dilations[0] - before[0]
      let column = place[3] * strides[1] + place[5] * dilations[1] - before[1]
      guard 0..<sizes[0] ~= y, 0..<sizes[1] ~= column else { return 0 }
      for o in 0..<outputs {
        let channel = place[1] / depth * outputs + o
        sums[(channel * sizes[0] + y) * sizes[1] + column] +=
          weights[[place[1], o, place[4], place[5]]] * x[Array(place[..<4])]
      }
      return 0
    }
    return PlainTensor(shape, sums)
  }

  /// Resize and Upsample of rows and columns.
  var resized: PlainTensor {
    let isOld = node.operation == "Upsample" || opset < 11
    let axes = integers("axes")?.map(axis) ?? Array(0..<x.rank)
    let listed = input(isOld ? 1 : 2)?.values ?? []
    var (scales, sizes) = (x.sizes.map { _ in 1.0 }, x.sizes)
    for (place, axis) in axes.enumerated() {
      if !listed.isEmpty {
        scales[axis] = listed[place]
        sizes[axis] = Int(Float(x.sizes[axis]) * Float(listed[place]))
      } else if let asked = input(3)?.values {
        sizes[axis] = Int(asked[place])
        scales[axis] = asked[place] / Double(x.sizes[axis])
      }
    }
    let isLinear = text("mode", "nearest") == "linear"
    let places = sizes.indices.map { axis in
      (0..<sizes[axis]).map { index -> Double in
        let place = coordinate(
          Double(index), Double(x.sizes[axis]), Double(sizes[axis]), scales[axis], isOld)
        let chosen = isLinear ? place : nearest(place, scales[axis], isOld)
        return min(max(chosen, 0), Double(x.sizes[axis] - 1))
      }
    }
    return PlainTensor(sizes) { position in
      let (y, column) = (places[2][position[2]], places[3][position[3]])
      var sum = 0.0
      for row in Set([y.rounded(.down), y.rounded(.up)]) {
        for other in Set([column.rounded(.down), column.rounded(.up)]) {
          sum +=
            (1 - abs(y - row)) * (1 - abs(column - other))
            * x[[position[0], position[1], Int(row), Int(other)]]
        }
      }
      return sum
    }
  }

  private func coordinate(
    _ index: Double, _ input: Double, _ output: Double, _ scale: Double, _ isOld: Bool
  ) -> Double {
    switch text("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel") {
    case "asymmetric": return index / scale
    case "align_corners": return output == 1 ? 0 : index * (input - 1) / (output - 1)
    case "tf_half_pixel_for_nn": return (index + 0.5) / scale
    case "pytorch_half_pixel" where output == 1: return 0
    case "half_pixel_symmetric":
      let center = input / 2 * (1 - output / (scale * input))
      return center + (index + 0.5) / scale - 0.5
    default: return (index + 0.5) / scale - 0.5
    }
  }

  /// A place within 1e-6 of a whole or half one is that, as 32-bit floats have it.
  private func nearest(_ place: Double, _ scale: Double, _ isOld: Bool) -> Double {
    let twice = (2 * place).rounded()
    let place = abs(2 * place - twice) < 1e-5 ? twice / 2 : place
    if isOld { return place.rounded(scale < 1 ? .up : .towardZero) }
    switch text("nearest_mode", "round_prefer_floor") {
    case "floor": return place.rounded(.down)
    case "ceil": return place.rounded(.up)
    case "round_prefer_ceil": return (place + 0.5).rounded(.down)
    default: return (place - 0.5).rounded(.up)
    }
  }
}
