import PlainNetworks

/// What brings values to other places.
extension ONNXGenerator {
  /// An image beside another of its size, or beside itself, along any axis.
  mutating func concatenation() {
    guard let image = pick(\.isImage), image.sizes.reduce(1, *) <= 1000 else { return }
    let axis = draw.once(in: 2) ? 1 : draw.int(2...3)
    let others = live.filter { other in
      other.isImage && other.sizes.reduce(1, *) <= 1000
        && other.sizes.indices.allSatisfy { $0 == axis || other.sizes[$0] == image.sizes[$0] }
    }
    var parts = [image, draw.one(of: others)]
    if draw.once(in: 3) { parts.append(draw.one(of: others)) }
    var sizes = image.sizes
    sizes[axis] = parts.reduce(0) { $0 + $1.sizes[axis] }
    let spelling = sketch.opset >= 11 && draw.once(in: 3) ? axis - 4 : axis
    add("Concat", parts.map(\.name), ["axis": .integer(spelling)], sizes: sizes, kind: .image)
  }

  /// Some of an image's places along an axis, with a step or backwards where the operator set has
  /// them.
  mutating func slice() {
    guard let image = pick(\.isImage) else { return }
    let axis = draw.int(1...3)
    var sizes = image.sizes
    let size = sizes[axis]
    guard sketch.opset >= 10 else {
      let first = draw.int(0...size - 1)
      let end = draw.int(first + 1...size)
      sizes[axis] = end - first
      add(
        "Slice", [image.name],
        ["starts": .integers([first]), "ends": .integers([end]), "axes": .integers([axis])],
        sizes: sizes, kind: .image)
      return
    }
    let step = draw.one(of: [1, 1, 2, 3, -1, -2])
    let first = draw.int(0...size - 1)
    let count = draw.int(1...(step > 0 ? (size - 1 - first) / step : first / -step) + 1)
    let last = first + (count - 1) * step
    let end = step > 0 ? last + 1 : last == 0 ? -1000 : last - 1
    sizes[axis] = count
    add(
      "Slice",
      [image.name, integers([first]), integers([end]), integers([axis]), integers([step])],
      sizes: sizes, kind: .image)
  }

  /// An image in two parts, both of which later moves may read.
  mutating func split() {
    guard let image = pick({ $0.isImage && $0.channels > 1 }) else { return }
    let first = draw.int(1...image.channels - 1)
    let parts = [first, image.channels - first]
    let listed = listed("split", parts, inputSince: 13, after: [image.name])
    var attributes = listed.attributes
    attributes["axis"] = .integer(1)
    add("Split", listed.inputs, attributes, parts: parts.map { [1, $0] + image.sizes[2...] })
  }

  /// Channels picked one by one.
  mutating func gather() {
    guard let image = pick(\.isImage) else { return }
    let places = (0..<draw.int(1...6)).map { _ in draw.int(0...image.channels - 1) }
    add(
      "Gather", [image.name, integers(places)], ["axis": .integer(1)],
      sizes: [1, places.count] + image.sizes[2...], kind: .image)
  }

  /// Channels in another order by cutting them in groups, as ShuffleNet does.
  mutating func shuffle() {
    guard let image = pick(\.isImage) else { return }
    let sizes = image.sizes
    let groups = draw.one(of: (1...sizes[1]).filter { sizes[1] % $0 == 0 })
    let cut = [1, groups, sizes[1] / groups, sizes[2], sizes[3]]
    let pieces = add("Reshape", [image.name, integers(cut)], sizes: cut)
    let turned = add(
      "Transpose", [pieces], ["perm": .integers([0, 2, 1, 3, 4])],
      sizes: [1, cut[2], cut[1], cut[3], cut[4]])
    add("Reshape", [turned, integers(sizes)], sizes: sizes, kind: .image)
  }

  /// Channels for pixels or pixels for channels.
  mutating func blocks() {
    if let image = pick({ $0.isImage && $0.channels % 4 == 0 }) {
      var attributes: [String: ONNXSketch.Attribute] = ["blocksize": .integer(2)]
      if sketch.opset >= 11 { attributes["mode"] = .text(draw.one(of: ["DCR", "CRD"])) }
      let sizes = [1, image.channels / 4, image.sizes[2] * 2, image.sizes[3] * 2]
      add("DepthToSpace", [image.name], attributes, sizes: sizes, kind: .image)
    } else if let image = pick({ $0.isImage && $0.sizes[2] % 2 == 0 && $0.sizes[3] % 2 == 0 }) {
      let sizes = [1, image.channels * 4, image.sizes[2] / 2, image.sizes[3] / 2]
      add(
        "SpaceToDepth", [image.name], ["blocksize": .integer(2)], sizes: sizes, kind: .image)
    }
  }
}
