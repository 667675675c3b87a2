internal import TFLiteSchema
internal import Tensors

extension BuiltinOperator {
  /// Whether the operator only brings values of one tensor to others: see `TFLiteMovement`.
  var moves: Bool {
    switch self {
    case .transpose, .slice, .stridedSlice, .split, .splitV, .unpack, .depthToSpace, .spaceToDepth,
      .reverse, .broadcastTo:
      true
    default: false
    }
  }
}

/// Values that an operator brings to one of its outputs: some of a tensor's, in some order.
///
/// Source: TensorFlow Lite's `kernels/` of these names.
struct TFLiteMovement {
  let order: StridedOrder
  let shape: Shape

  /// What `code` brings to each of its outputs; `nil` for an operator that computes values.
  ///
  /// - Parameters:
  ///   - input: The shape of the tensor whose values move.
  ///   - integers: The values of a constant input, by its place.
  static func all(
    _ code: BuiltinOperator, _ operation: TFLiteOperator, input: Shape,
    _ integers: (Int) throws(NodeProblem) -> [Int]
  ) throws(NodeProblem) -> [TFLiteMovement]? {
    switch code {
    case .transpose: return [try transpose(input, try integers(1))]
    case .reverse: return [try reverse(input, try integers(1))]
    case .broadcastTo: return [try broadcast(input, try integers(1))]
    case .slice: return [try slice(input, try integers(1), try integers(2))]
    case .stridedSlice:
      return [
        try stridedSlice(
          input, operation, begin: try integers(1), end: try integers(2), step: try integers(3))
      ]
    case .split:
      let axis = try axis(try integers(0).first ?? 0, of: input)
      let count = try operation.integer(TFLiteField.SplitOptions.parts, default: Int32(0))
      let size = input.dimensions[axis]
      guard count > 0, size % count == 0, count == operation.outputs.count else {
        throw .attribute("num_splits", found: "\(count)", expected: "a divisor of \(size)")
      }
      return try split(input, axis, [Int](repeating: size / count, count: count))
    case .splitV:
      let axis = try axis(try integers(2).first ?? 0, of: input)
      return try split(input, axis, try integers(1))
    case .unpack:
      let axis = try axis(
        try operation.integer(TFLiteField.UnpackOptions.axis, default: Int32(0)), of: input)
      return try split(
        input, axis, [Int](repeating: 1, count: input.dimensions[axis])
      ).map { part in
        var sizes = part.shape.dimensions
        sizes.remove(at: axis)
        return TFLiteMovement(order: part.order, shape: Shape(sizes))
      }
    case .depthToSpace, .spaceToDepth:
      return [try blocks(input, try block(operation), isDepth: code == .depthToSpace)]
    default: return nil
    }
  }

  private static func axis(_ listed: Int, of input: Shape) throws(NodeProblem) -> Int {
    let axis = listed < 0 ? listed + input.rank : listed
    guard (0..<input.rank).contains(axis) else {
      throw .attribute("axis", found: "\(listed)", expected: "an axis of \(input.rank)")
    }
    return axis
  }

  private static func transpose(
    _ input: Shape, _ listed: [Int]
  ) throws(NodeProblem) -> TFLiteMovement {
    let axes = listed.map { $0 < 0 ? $0 + input.rank : $0 }
    guard axes.sorted() == Array(0..<input.rank) else {
      throw .attribute("perm", found: "\(listed.prefix(16))", expected: "each axis once")
    }
    return TFLiteMovement(
      order: StridedOrder(input, permutation: axes),
      shape: Shape(axes.map { input.dimensions[$0] }))
  }

  private static func reverse(
    _ input: Shape, _ listed: [Int]
  ) throws(NodeProblem) -> TFLiteMovement {
    var (begin, step) = (input.dimensions.map { _ in 0 }, input.dimensions.map { _ in 1 })
    for number in listed {
      let axis = try axis(number, of: input)
      (begin[axis], step[axis]) = (input.dimensions[axis] - 1, -1)
    }
    return TFLiteMovement(
      order: StridedOrder(input, begin: begin, count: input.dimensions, step: step), shape: input)
  }

  /// Axes of 1 repeat, and further ones stand in front.
  private static func broadcast(
    _ input: Shape, _ sizes: [Int]
  ) throws(NodeProblem) -> TFLiteMovement {
    let own = [Int](repeating: 1, count: max(0, sizes.count - input.rank)) + input.dimensions
    guard sizes.count == own.count, zip(sizes, own).allSatisfy({ $0 == $1 || $0 > 0 && $1 == 1 }),
      let count = countIfPossible(sizes), count <= 1 << 28
    else {
      throw .attribute(
        "shape", found: "\(sizes.prefix(16))", expected: "\(own), with other sizes for 1")
    }
    return TFLiteMovement(
      order: StridedOrder(repeating: own, in: sizes), shape: Shape(sizes))
  }

  /// A size of -1 is what is left.
  private static func slice(
    _ input: Shape, _ begin: [Int], _ listed: [Int]
  ) throws(NodeProblem) -> TFLiteMovement {
    let sizes = input.dimensions
    guard begin.count == sizes.count, listed.count == sizes.count else {
      throw .attribute("begin, size", found: "\(begin), \(listed)", expected: "one for each axis")
    }
    let count = sizes.indices.map { axis in
      listed[axis] == -1 && (0...sizes[axis]).contains(begin[axis])
        ? sizes[axis] - begin[axis] : listed[axis]
    }
    for axis in sizes.indices {
      guard (0..<sizes[axis]).contains(begin[axis]),
        (1...sizes[axis] - begin[axis]).contains(count[axis])
      else {
        throw .attribute("begin, size", found: "\(begin), \(listed)", expected: "within \(sizes)")
      }
    }
    return TFLiteMovement(
      order: StridedOrder(input, begin: begin, count: count, step: sizes.map { _ in 1 }),
      shape: Shape(count))
  }

  private static func stridedSlice(
    _ input: Shape, _ operation: TFLiteOperator, begin: [Int], end: [Int], step: [Int]
  ) throws(NodeProblem) -> TFLiteMovement {
    typealias Option = TFLiteField.StridedSliceOptions
    func mask(_ option: Int) throws(NodeProblem) -> Int {
      try operation.integer(option, default: Int32(0))
    }
    guard try mask(Option.ellipsis) == 0, try mask(Option.newAxis) == 0,
      try mask(Option.offset) == 0
    else {
      throw .attribute(
        "ellipsis_mask, new_axis_mask, offset", found: "one that is not 0", expected: "0")
    }
    let (openBegin, openEnd) = (try mask(Option.begin), try mask(Option.end))
    let shrunk = try mask(Option.shrinkAxis)
    let sizes = input.dimensions
    guard begin.count <= sizes.count, end.count == begin.count, step.count == begin.count,
      !step.contains(0)
    else {
      throw .attribute(
        "begin, end, strides", found: "\(begin), \(end), \(step)",
        expected: "as many of each as there are axes at most, and no stride of 0")
    }
    let runs = sizes.indices.map { axis -> PlaceRun in
      guard axis < begin.count else { return PlaceRun(first: 0, count: sizes[axis], step: 1) }
      let isSet = { (mask: Int) in mask >> axis & 1 == 1 }
      if isSet(shrunk) {
        let first = begin[axis] < 0 ? begin[axis] + sizes[axis] : begin[axis]
        return PlaceRun(first: first, count: (0..<sizes[axis]).contains(first) ? 1 : 0, step: 1)
      }
      let isForwards = step[axis] > 0
      return PlaceRun(
        from: isSet(openBegin) ? (isForwards ? 0 : .max) : begin[axis],
        to: isSet(openEnd) ? (isForwards ? .max : .min) : end[axis], step: step[axis],
        of: sizes[axis])
    }
    guard runs.allSatisfy({ $0.count > 0 }) else {
      throw .inputShape(found: sizes, expected: "a slice of at least one value")
    }
    return TFLiteMovement(
      order: StridedOrder(
        input, begin: runs.map(\.first), count: runs.map(\.count), step: runs.map(\.step)),
      shape: Shape(runs.indices.filter { shrunk >> $0 & 1 == 0 }.map { runs[$0].count }))
  }

  /// One size may be -1: what the others leave.
  private static func split(
    _ input: Shape, _ axis: Int, _ listed: [Int]
  ) throws(NodeProblem) -> [TFLiteMovement] {
    let size = input.dimensions[axis]
    var parts = listed
    let known = parts.filter { (0...size).contains($0) }.reduce(0, +)
    if let open = parts.firstIndex(of: -1) { parts[open] = size - known }
    guard parts.allSatisfy({ (1...size).contains($0) }), parts.reduce(0, +) == size else {
      throw .attribute(
        "size_splits", found: "\(listed)", expected: "sizes that are together \(size)")
    }
    var first = 0
    return parts.map { count in
      var (begin, sizes) = (input.dimensions.map { _ in 0 }, input.dimensions)
      (begin[axis], sizes[axis]) = (first, count)
      first += count
      return TFLiteMovement(
        order: StridedOrder(input, begin: begin, count: sizes, step: sizes.map { _ in 1 }),
        shape: Shape(sizes))
    }
  }

  private static func block(_ operation: TFLiteOperator) throws(NodeProblem) -> Int {
    let block = try operation.integer(TFLiteField.BlockOptions.size, default: Int32(0))
    guard (1...1 << 12).contains(block) else {
      throw .attribute("block_size", found: "\(block)", expected: "1 to 4096")
    }
    return block
  }

  /// The place in a block is the outer part of a channel's number.
  private static func blocks(
    _ input: Shape, _ block: Int, isDepth: Bool
  ) throws(NodeProblem) -> TFLiteMovement {
    let sizes = input.dimensions
    guard sizes.count == 4,
      isDepth
        ? sizes[3] % (block * block) == 0 : sizes[1] % block == 0 && sizes[2] % block == 0
    else { throw .inputShape(found: sizes, expected: "[N, H, W, C] in blocks of \(block)") }
    if isDepth {
      let channels = sizes[3] / block / block
      let cut: Shape = [sizes[0], sizes[1], sizes[2], block, block, channels]
      return TFLiteMovement(
        order: StridedOrder(cut, permutation: [0, 1, 3, 2, 4, 5]),
        shape: [sizes[0], sizes[1] * block, sizes[2] * block, channels])
    }
    let (height, width) = (sizes[1] / block, sizes[2] / block)
    let cut: Shape = [sizes[0], height, block, width, block, sizes[3]]
    return TFLiteMovement(
      order: StridedOrder(cut, permutation: [0, 1, 3, 2, 4, 5]),
      shape: [sizes[0], height, width, block * block * sizes[3]])
  }
}

/// The tensor that GATHER and PACK put together: pieces of tensors one behind the other along an axis.
///
/// Source: TensorFlow Lite's `kernels/gather.cc` and `kernels/pack.cc`.
struct TFLiteJoint {
  /// Places along the axis of an operand that has `size` of them.
  struct Part {
    let operand: Int
    let places: PlaceRun
    let size: Int
  }

  let parts: [Part]
  let axis: Int
  let shape: Shape

  /// How many values lie behind each other at one place of the axis.
  var inner: Int { shape.dimensions[(axis + 1)...].reduce(1, *) }

  /// How often the axis is gone through.
  var outer: Int { shape.dimensions[..<axis].reduce(1, *) }

  /// The shape of a part.
  func shape(of part: Part) -> Shape {
    var sizes = shape.dimensions
    sizes[axis] = part.places.count
    return Shape(sizes)
  }

  /// The values of a part in its operand.
  func order(of part: Part) -> StridedOrder {
    StridedOrder(
      start: part.places.first * inner,
      [
        StridedOrder.Axis(outer, stride: part.size * inner),
        StridedOrder.Axis(part.places.count, stride: part.places.step * inner),
        StridedOrder.Axis(inner, stride: 1),
      ])
  }

  /// PACK: each operand gets an axis of 1, along which they are joined.
  static func pack(
    _ operation: TFLiteOperator, _ operands: [Shape]
  ) throws(NodeProblem) -> TFLiteJoint {
    let listed = try operation.integer(TFLiteField.PackOptions.axis, default: Int32(0))
    let rank = operands[0].rank + 1
    let axis = listed < 0 ? listed + rank : listed
    guard (0..<rank).contains(axis) else {
      throw .attribute("axis", found: "\(listed)", expected: "an axis of \(rank)")
    }
    for operand in operands where operand != operands[0] {
      throw .inputShape(found: operand.dimensions, expected: "\(operands[0].dimensions)")
    }
    var sizes = operands[0].dimensions
    sizes.insert(operands.count, at: axis)
    let only = PlaceRun(first: 0, count: 1, step: 1)
    return TFLiteJoint(
      parts: operands.indices.map { Part(operand: $0, places: only, size: 1) }, axis: axis,
      shape: Shape(sizes))
  }

  /// GATHER of constant places; each run of them with one step between is a part.
  static func gather(
    _ operation: TFLiteOperator, _ input: Shape, _ places: [Int]
  ) throws(NodeProblem) -> TFLiteJoint {
    typealias Option = TFLiteField.GatherOptions
    let listed = try operation.integer(Option.axis, default: Int32(0))
    let axis = listed < 0 ? listed + input.rank : listed
    guard (0..<input.rank).contains(axis) else {
      throw .attribute("axis", found: "\(listed)", expected: "an axis of \(input.rank)")
    }
    guard try operation.integer(Option.batchDimensions, default: Int32(0)) == 0 else {
      throw .attribute("batch_dims", found: "another", expected: "0")
    }
    let size = input.dimensions[axis]
    let runs = PlaceRun.runs(places)
    guard (1...PlaceRun.most).contains(runs.count),
      places.allSatisfy({ (0..<size).contains($0) })
    else {
      throw .attribute(
        "indices", found: "\(places.prefix(16))",
        expected: "places in 0..<\(size), in 1 to \(PlaceRun.most) runs with one step between")
    }
    var sizes = input.dimensions
    sizes[axis] = places.count
    return TFLiteJoint(
      parts: runs.map { Part(operand: 0, places: $0, size: size) }, axis: axis, shape: Shape(sizes))
  }
}
