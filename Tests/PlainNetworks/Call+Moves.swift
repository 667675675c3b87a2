/// Operators that bring values to other places, position by position.
extension Call {
  /// One for each output that the node lists.
  var results: [PlainTensor] { node.operation == "Split" ? split : [result] }

  var moved: PlainTensor {
    switch node.operation {
    case "Concat": concatenated
    case "Gather": gathered
    case "Slice": sliced
    case "DepthToSpace": depthToSpace
    default: spaceToDepth
    }
  }

  private var concatenated: PlainTensor {
    let axis = axis(integer("axis", 0))
    let parts = inputs.compactMap(\.self)
    var sizes = x.sizes
    sizes[axis] = parts.reduce(0) { $0 + $1.sizes[axis] }
    return PlainTensor(sizes) { position in
      var (place, part) = (position, 0)
      while place[axis] >= parts[part].sizes[axis] {
        place[axis] -= parts[part].sizes[axis]
        part += 1
      }
      return parts[part][place]
    }
  }

  private var gathered: PlainTensor {
    let (axis, list) = (axis(integer("axis", 0)), required(1))
    let sizes = Array(x.sizes[..<axis]) + list.sizes + x.sizes[(axis + 1)...]
    return PlainTensor(sizes) { position in
      let index = Int(list[Array(position[axis..<axis + list.rank])])
      return x[
        position[..<axis] + [index < 0 ? index + x.sizes[axis] : index]
          + position[(axis + list.rank)...]]
    }
  }

  /// The places of an axis by walking from the start until the end is reached or passed.
  private var sliced: PlainTensor {
    let starts = integers(at: 1, or: "starts") ?? []
    let ends = integers(at: 2, or: "ends") ?? []
    let axes = integers(at: 3, or: "axes") ?? Array(starts.indices)
    let steps = integers(at: 4, or: "steps") ?? starts.map { _ in 1 }
    var places = x.sizes.map { Array(0..<$0) }
    for index in starts.indices {
      let axis = axis(axes[index])
      let (size, step) = (x.sizes[axis], steps[index])
      var place = starts[index] < 0 ? starts[index] + size : starts[index]
      let end = ends[index] < 0 ? ends[index] + size : ends[index]
      place = step > 0 ? max(0, place) : min(size - 1, place)
      places[axis] = []
      while step > 0 ? place < min(end, size) : place > max(end, -1) {
        places[axis].append(place)
        place += step
      }
    }
    return PlainTensor(places.map(\.count)) { position in
      x[zip(places, position).map { $0[$1] }]
    }
  }

  private var split: [PlainTensor] {
    let axis = axis(integer("axis", 0))
    let size = x.sizes[axis]
    let part = (size + node.outputs.count - 1) / node.outputs.count
    let sizes =
      integers(at: 1, or: "split")
      ?? node.outputs.indices.map { min(part, size - $0 * part) }
    return sizes.indices.map { index in
      var sizesOfPart = x.sizes
      sizesOfPart[axis] = sizes[index]
      let first = sizes[..<index].reduce(0, +)
      return PlainTensor(sizesOfPart) { position in
        var place = position
        place[axis] += first
        return x[place]
      }
    }
  }

  private var depthToSpace: PlainTensor {
    let block = integer("blocksize", 1)
    let channels = x.sizes[1] / (block * block)
    let isInner = node.attributes["mode"] == .text("CRD")
    return PlainTensor([x.sizes[0], channels, x.sizes[2] * block, x.sizes[3] * block]) { position in
      let (c, y, z) = (position[1], position[2], position[3])
      let place = y % block * block + z % block
      let channel = isInner ? c * block * block + place : place * channels + c
      return x[[position[0], channel, y / block, z / block]]
    }
  }

  private var spaceToDepth: PlainTensor {
    let block = integer("blocksize", 1)
    let (n, channels) = (x.sizes[0], x.sizes[1])
    return PlainTensor([n, channels * block * block, x.sizes[2] / block, x.sizes[3] / block]) {
      let (place, c) = ($0[1] / channels, $0[1] % channels)
      return x[[$0[0], c, $0[2] * block + place / block, $0[3] * block + place % block]]
    }
  }
}
