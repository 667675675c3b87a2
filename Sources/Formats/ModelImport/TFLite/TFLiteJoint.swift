internal import TFLiteSchema
internal import Tensors

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
