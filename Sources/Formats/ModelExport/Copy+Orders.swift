internal import QuantizedIR
internal import Tensors

extension Copy {
  /// Where SLICE begins along each axis; `nil` where this is none.
  func sliceBegin(_ input: Shape, _ output: Shape) -> [Int]? {
    guard input.rank == output.rank, fill == nil, !isPart else { return nil }
    var rest = sourceStart
    var begin: [Int] = []
    for axis in input.dimensions.indices {
      let stride = input.dimensions[(axis + 1)...].reduce(1, *)
      begin.append(rest / stride)
      rest %= stride
    }
    let ends = zip(begin, output.dimensions).map(+)
    guard zip(ends, input.dimensions).allSatisfy(<=) else { return nil }
    let order = StridedOrder(
      input, begin: begin, count: output.dimensions, step: output.dimensions.map { _ in 1 })
    return self.order == order && writesInOrder ? begin : nil
  }

  /// What is read, in the order in which the loops go.
  private var order: StridedOrder {
    StridedOrder(
      start: sourceStart, zip(shape, sourceStrides).map { StridedOrder.Axis($0, stride: $1) })
  }

  /// Whether the loops fill the output from the first value to the last.
  private var writesInOrder: Bool {
    StridedOrder(
      start: start, zip(shape, destinationStrides).map { StridedOrder.Axis($0, stride: $1) }
    ).isWhole(of: outputCount)
  }
}

extension StridedOrder {
  /// The loops whose values these are, place by place; `nil` where no few loops are found.
  init?(walking places: [Int]) {
    var loops: [Axis] = []
    var rest = places
    while rest.count > 1 {
      let stride = rest[1] - rest[0]
      let count = (1..<rest.count).first { rest[$0] - rest[$0 - 1] != stride } ?? rest.count
      guard rest.count % count == 0,
        rest.indices.allSatisfy({ rest[$0] == rest[$0 / count * count] + $0 % count * stride })
      else { return nil }
      loops.insert(Axis(count, stride: stride), at: 0)
      rest = Swift.stride(from: 0, to: rest.count, by: count).map { rest[$0] }
    }
    self.init(start: places.first ?? 0, loops)
  }

  /// The sizes into which to cut a tensor of `count` values and the order of these axes, six at most,
  /// where this is a transposition of all of it; `nil` where it is none.
  func turnedAxes(of count: Int) -> (sizes: [Int], axes: [Int])? {
    let places = axes.indices.sorted { axes[$0].stride > axes[$1].stride }
    let sizes = places.map { axes[$0].count }
    guard start == 0, self.count == count, axes.count <= 6,
      places.map({ axes[$0] }) == StridedOrder.axes(of: sizes)
    else { return nil }
    return (sizes, axes.indices.map { axis in places.firstIndex(of: axis) ?? 0 })
  }
}

extension QuantizedModel {
  /// Where each value of the output of `last`, the last of the copies that fill it, stands in their
  /// operands, these one behind the other as rows of values; `nil` where something else than copies
  /// writes there.
  func places(endingIn last: Layer) -> (operands: [Int], places: [Int])? {
    let parts = layers.filter { $0.output == last.output }
    var operands: [Int] = []
    var starts: [Int: Int] = [:]
    var end = 0
    for part in parts where starts[part.inputs[0]] == nil {
      starts[part.inputs[0]] = end
      operands.append(part.inputs[0])
      end += tensors[part.inputs[0]].shape.count
    }
    var places = [Int](repeating: 0, count: tensors[last.output].shape.count)
    for part in parts {
      guard case .copy(let copy) = part.operation, copy.fill == nil,
        copy.outputCount == places.count
      else { return nil }
      let first = starts[part.inputs[0]] ?? 0
      copy.forEachMove { places[$1] = first + $0 }
    }
    return (operands, places)
  }
}

extension Copy {
  /// Calls `body` with where each value is read and where it is written.
  fileprivate func forEachMove(_ body: (_ from: Int, _ to: Int) -> Void) {
    let sources = zip(shape, sourceStrides).map { StridedOrder.Axis($0, stride: $1) }
    let targets = zip(shape, destinationStrides).map { StridedOrder.Axis($0, stride: $1) }
    for (from, to) in zip(
      StridedOrder(start: sourceStart, sources).places, StridedOrder(start: start, targets).places)
    {
      body(from, to)
    }
  }
}
