import PlainNetworks

/// What gives an image another size.
extension ONNXGenerator {
  mutating func transposedConvolution() {
    guard let image = pick({ $0.isImage && $0.pixels <= 60 }) else { return }
    let channels = image.channels
    let groups = draw.once(in: 4) ? draw.one(of: (1...channels).filter { channels % $0 == 0 }) : 1
    let outputs = max(1, draw.channels() / groups)
    let kernel = [draw.one(of: [1, 2, 2, 3, 4]), draw.one(of: [1, 2, 2, 3, 4])]
    let strides = [draw.one(of: [1, 2, 2, 3]), draw.one(of: [1, 2, 2, 3])]
    var attributes: [String: ONNXSketch.Attribute] = ["strides": .integers(strides)]
    if groups > 1 { attributes["group"] = .integer(groups) }
    var sizes = (0..<2).map { (axis: Int) -> Int in
      (image.sizes[axis + 2] - 1) * strides[axis] + kernel[axis]
    }
    if draw.once(in: 2) {
      let pads = kernel.map { ($0 - 1) / 2 }
      let extra = strides.map { draw.int(0...$0 - 1) }
      attributes["pads"] = .integers(pads + pads)
      if extra != [0, 0] { attributes["output_padding"] = .integers(extra) }
      sizes = (0..<2).map { (axis: Int) -> Int in sizes[axis] - 2 * pads[axis] + extra[axis] }
    }
    guard sizes.allSatisfy({ $0 > 0 }) else { return }
    let taps = max(1, kernel[0] * kernel[1] * channels / groups / (strides[0] * strides[1]))
    // Drawn by output channel; ONNX has the input's channels first.
    let values = draw.weights(
      outputs: groups * outputs, taps: channels / groups * kernel[0] * kernel[1])
    var inputs = [
      image.name,
      floats([channels, outputs] + kernel, values.map { $0 / Double(taps).squareRoot() }),
    ]
    if !draw.once(in: 3) {
      inputs.append(floats([groups * outputs], draw.numbers(groups * outputs, around: 0, by: 0.4)))
    }
    add(
      "ConvTranspose", inputs, attributes, sizes: [1, groups * outputs] + sizes, kind: .image)
    if draw.once(in: 2) { activation() }
  }

  mutating func resize() {
    guard sketch.opset >= 9, let image = pick({ $0.isImage && $0.pixels <= 60 }) else { return }
    let isOld = sketch.opset < 11
    // Halves, so that no place is next to where another pixel is nearer.
    let scales = [draw.one(of: [1, 1.5, 2, 2, 3]), draw.one(of: [1, 2, 2, 2.5, 4])]
    let sizes = (0..<2).map { (axis: Int) -> Int in
      Int(Double(image.sizes[axis + 2]) * scales[axis])
    }
    var attributes: [String: ONNXSketch.Attribute] = [:]
    if draw.once(in: 2) { attributes["mode"] = .text("linear") }
    if !isOld {
      attributes["coordinate_transformation_mode"] = .text(
        draw.one(of: ["half_pixel", "asymmetric", "pytorch_half_pixel", "align_corners"]))
      attributes["nearest_mode"] = .text(draw.one(of: ["round_prefer_floor", "floor"]))
    }
    let name = floats([4], [1, 1] + scales)
    add(
      sketch.opset < 10 ? "Upsample" : "Resize",
      isOld ? [image.name, name] : [image.name, "", name],
      attributes, sizes: [1, image.channels] + sizes, kind: .image)
  }
}
