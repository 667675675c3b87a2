internal import QuantizedIR
internal import Tensors

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
