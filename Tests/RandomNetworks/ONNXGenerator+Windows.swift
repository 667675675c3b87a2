import PlainNetworks

/// What slides over images.
extension ONNXGenerator {
  private struct Window {
    var attributes: [String: ONNXSketch.Attribute]
    var sizes: [Int]
  }

  /// A window that fits at least once; `nil` where none was found.
  private mutating func window(
    _ image: Live, dilates: Bool, padsLess: Bool
  ) -> (kernel: [Int], Window)? {
    for _ in 0..<8 {
      let kernel = [draw.one(of: [1, 1, 2, 3, 3, 5]), draw.one(of: [1, 1, 2, 3, 3, 5])]
      let strides = [draw.one(of: [1, 1, 2, 3]), draw.one(of: [1, 1, 2, 3])]
      let dilations = dilates && draw.once(in: 4) ? [draw.int(1...2), draw.int(1...2)] : [1, 1]
      var attributes: [String: ONNXSketch.Attribute] = ["strides": .integers(strides)]
      if strides == [1, 1], draw.once(in: 2) { attributes["strides"] = nil }
      if dilations != [1, 1] { attributes["dilations"] = .integers(dilations) }
      var pads = [0, 0, 0, 0]
      switch draw.int(1...5) {
      case 1: break
      case 2:
        attributes["auto_pad"] = .text(draw.one(of: ["SAME_UPPER", "SAME_LOWER", "VALID"]))
      case 3:
        let largest = padsLess ? kernel.map { $0 - 1 } : kernel
        pads = [0, 1, 0, 1].map { draw.int(0...largest[$0]) }
        attributes["pads"] = .integers(pads)
      default:
        pads = [kernel[0] / 2, kernel[1] / 2, kernel[0] / 2, kernel[1] / 2]
        attributes["pads"] = .integers(pads)
      }
      let sizes = (0..<2).map { axis in
        let size = image.sizes[axis + 2]
        if case .text(let mode)? = attributes["auto_pad"], mode != "VALID" {
          return (size + strides[axis] - 1) / strides[axis]
        }
        let rest = size + pads[axis] + pads[axis + 2] - (kernel[axis] - 1) * dilations[axis] - 1
        return rest < 0 ? 0 : rest / strides[axis] + 1
      }
      if sizes.allSatisfy({ $0 > 0 }) {
        return (kernel, Window(attributes: attributes, sizes: sizes))
      }
    }
    return nil
  }

  mutating func convolution() {
    guard let image = pick(\.isImage) else { return }
    let channels = image.channels
    let isDepthwise = draw.once(in: 3)
    let divisors = (1...channels).filter { channels % $0 == 0 }
    let groups = isDepthwise ? channels : draw.once(in: 6) ? draw.one(of: divisors) : 1
    let outputs =
      isDepthwise
      ? channels * draw.one(of: [1, 1, 1, 2, 3]) : groups * max(1, draw.channels() / groups)
    guard let (kernel, window) = window(image, dilates: true, padsLess: false) else { return }
    let taps = kernel[0] * kernel[1] * channels / groups
    var inputs = [
      image.name,
      floats([outputs, channels / groups] + kernel, draw.weights(outputs: outputs, taps: taps)),
    ]
    if !draw.once(in: 3) {
      inputs.append(floats([outputs], draw.numbers(outputs, around: 0, by: 0.4)))
    }
    var attributes = window.attributes
    if groups > 1 || draw.once(in: 3) { attributes["group"] = .integer(groups) }
    if draw.once(in: 2) { attributes["kernel_shape"] = .integers(kernel) }
    add("Conv", inputs, attributes, sizes: [1, outputs] + window.sizes, kind: .image)
    if draw.once(in: 2) { activation() }
  }

  mutating func pool() {
    guard let image = pick({ $0.isImage && $0.pixels > 1 }),
      let (kernel, window) = window(image, dilates: false, padsLess: true)
    else { return }
    var attributes = window.attributes
    attributes["kernel_shape"] = .integers(kernel)
    let isAverage = draw.once(in: 2)
    var sizes = window.sizes
    if isAverage, draw.once(in: 3) {
      attributes["count_include_pad"] = .integer(1)
    } else if sketch.opset >= 10, attributes["auto_pad"] == nil, draw.once(in: 3) {
      attributes["ceil_mode"] = .integer(1)
      sizes = roundedUp(image, kernel, attributes)
    }
    add(
      isAverage ? "AveragePool" : "MaxPool", [image.name], attributes,
      sizes: [1, image.channels] + sizes, kind: .image)
  }

  /// How many windows there are where the last may reach beyond the image.
  private func roundedUp(
    _ image: Live, _ kernel: [Int], _ attributes: [String: ONNXSketch.Attribute]
  ) -> [Int] {
    var (strides, pads) = ([1, 1], [0, 0, 0, 0])
    if case .integers(let found)? = attributes["strides"] { strides = found }
    if case .integers(let found)? = attributes["pads"] { pads = found }
    return (0..<2).map { axis in
      let size = image.sizes[axis + 2]
      let rest = size + pads[axis] + pads[axis + 2] - kernel[axis]
      let steps = (rest + strides[axis] - 1) / strides[axis]
      return steps * strides[axis] >= size + pads[axis] ? steps : steps + 1
    }
  }

  mutating func pad() {
    guard let image = pick(\.isImage) else { return }
    var mode = draw.one(of: ["constant", "constant", "edge", "reflect", "wrap"])
    let least = min(image.sizes[2], image.sizes[3])
    if mode == "wrap" && sketch.opset < 19 || mode == "reflect" && least < 3 { mode = "constant" }
    let sides = [draw.int(0...2), draw.int(0...2), draw.int(0...2), draw.int(0...2)]
    let pads = [0, 0, sides[0], sides[1], 0, 0, sides[2], sides[3]]
    var (inputs, attributes) = listed("pads", pads, inputSince: 11, after: [image.name])
    if sketch.opset >= 18, draw.once(in: 2) {
      inputs = [image.name, integers(sides), floats([], [0]), integers([2, -1])]
    } else if sketch.opset >= 11, draw.once(in: 2) {
      inputs.append(floats([], [mode == "constant" && draw.once(in: 3) ? 0.75 : 0]))
    }
    if mode != "constant" || draw.once(in: 3) { attributes["mode"] = .text(mode) }
    let sizes = [image.sizes[2] + sides[0] + sides[2], image.sizes[3] + sides[1] + sides[3]]
    add("Pad", inputs, attributes, sizes: [1, image.channels] + sizes, kind: .image)
  }

  mutating func globalPool() {
    guard let image = pick({ $0.isImage && $0.pixels > 1 }) else { return }
    let channels = image.channels
    switch draw.int(1...3) {
    case 1: add("GlobalAveragePool", [image.name], sizes: [1, channels, 1, 1], kind: .image)
    case 2: reduceMean(image, over: draw.one(of: [[2, 3], [-1, -2], [3, 2]]), keeps: true)
    default: reduceMean(image, over: [2, 3], keeps: false)
    }
  }

  private mutating func reduceMean(_ image: Live, over axes: [Int], keeps: Bool) {
    let operation = draw.one(of: [
      "ReduceMean", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceL1", "ReduceL2",
    ])
    let listed = listed(
      "axes", axes, inputSince: operation == "ReduceSum" ? 13 : 18, after: [image.name])
    var attributes = listed.attributes
    if !keeps || draw.once(in: 2) { attributes["keepdims"] = .integer(keeps ? 1 : 0) }
    add(
      operation, listed.inputs, attributes,
      sizes: keeps ? [1, image.channels, 1, 1] : [1, image.channels],
      kind: keeps ? .image : .vector)
  }
}
