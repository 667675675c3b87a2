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

extension Copy {
  /// Everything but the name of the function.
  fileprivate var moves: Copy {
    var copy = self
    copy.function = ""
    return copy
  }

  /// Whether every value stays where it is.
  var isIdentity: Bool { moves == Copy.identity(count).moves }

  /// The counts of PAD, before and after along each axis; `nil` where this is no padding.
  func padding(_ input: Shape, _ output: Shape) -> [Int]? {
    guard input.rank == output.rank, let fill else { return nil }
    var rest = start
    var before: [Int] = []
    for axis in output.dimensions.indices {
      let stride = output.dimensions[(axis + 1)...].reduce(1, *)
      before.append(rest / stride)
      rest %= stride
    }
    guard moves == Copy.pad(input, before: before, to: output, fill: fill).moves else {
      return nil
    }
    return before.indices.flatMap {
      [before[$0], output.dimensions[$0] - input.dimensions[$0] - before[$0]]
    }
  }

  /// The order of axes of TRANSPOSE; `nil` where this is none.
  func axes(_ input: Shape, _ output: Shape) -> [Int]? {
    guard input.rank == output.rank, input.rank <= 4 else { return nil }
    return Self.orders(input.rank).first { order in
      order.map { input.dimensions[$0] } == output.dimensions
        && Copy.transpose(input, axes: order).moves == moves
    }
  }

  /// All orders of `count` things.
  private static func orders(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return orders(count - 1).flatMap { order in
      (0..<count).map { place in
        var longer = order
        longer.insert(count - 1, at: place)
        return longer
      }
    }
  }
}

extension QuantizedModel {
  /// Of the layers that fill one tensor together the last, which stands for all of them; every other
  /// layer stands for itself.
  var completingLayers: [Layer] {
    var written: [Int: Int] = [:]
    return layers.filter { layer in
      let count = tensors[layer.output].shape.count
      let images = count / layer.operation.valueCounts.output
      written[layer.output, default: 0] += images * layer.operation.writtenCount
      return written[layer.output, default: 0] >= count
    }
  }

  /// The tensors that are put together in the output of `last`, the last of the layers that fill
  /// it, and the axis along which; `nil` where they are no concatenation.
  func concatenation(endingIn last: Layer) -> (parts: [Int], axis: Int)? {
    let parts = layers.filter { $0.output == last.output }
    let inputs = parts.map { tensors[$0.inputs[0]].shape }
    let output = tensors[last.output].shape
    let axis = output.dimensions.indices.first { axis in
      var offset = 0
      return zip(parts, inputs).allSatisfy { part, shape in
        guard case .copy(let copy) = part.operation, shape.rank == output.rank else {
          return false
        }
        defer { offset += shape.dimensions[axis] }
        return copy.moves == Copy.part(shape, axis: axis, offset: offset, of: output).moves
      }
    }
    return axis.map { (parts.map { $0.inputs[0] }, $0) }
  }
}
