import PlainNetworks

/// What arranges values anew.
extension ONNXMode {
  static let shapes: [ONNXMode] = flatten + reshape + squeeze + transpose

  private static let flatten: [ONNXMode] =
    rows("defaults", "Flatten", tail: .matrix)
    + [0, 1].flatMap { axis in
      rows("axis \(axis)", "Flatten", [], ["axis": .integer(axis)], tail: .matrix)
    }
    + [-4, -3].flatMap { axis in
      rows("axis \(axis)", "Flatten", since: 11, [], ["axis": .integer(axis)], tail: .matrix)
    }
    + rows(
      "an axis beyond the last", "Flatten", [], ["axis": .integer(5)],
      expecting: .refused("attribute 'axis': 5 is not supported; only an axis of 4"))
    + rows(
      "an axis before the first", "Flatten", since: 11, [], ["axis": .integer(-5)],
      expecting: .refused("attribute 'axis': -5 is not supported; only an axis of 4"))

  private static let reshape: [ONNXMode] =
    rows("all in a row", "Reshape", [.integers([1, -1])], tail: .matrix)
    + rows("zeros that copy", "Reshape", [.integers([0, 0, 0, 0])])
    + rows("zero and the rest", "Reshape", [.integers([0, -1])], tail: .matrix)
    + rows(
      "allowzero without zeros", "Reshape", since: 14, [.integers([1, -1])],
      ["allowzero": .integer(1)], tail: .matrix)
    + rows(
      "allowzero, which makes the tensor empty", "Reshape", since: 14, [.integers([0, 120])],
      ["allowzero": .integer(1)], expecting: .refused("expected as many values as [0, 120]"))
    + rows(
      "zero beyond the last axis", "Reshape", [.integers([1, 4, 5, 6, 0])],
      expecting: .refused("expected an axis 4 to copy the size of"))
    + rows(
      "two sizes left open", "Reshape", [.integers([-1, -1])],
      expecting: .refused("expected as many values as [-1, -1]"))
    + rows("other sizes", "Reshape", [.integers([1, 5, 4, 6])])
    + rows("an axis cut in two", "Reshape", [.integers([1, 2, 2, 5, 6])])
    + rows("two axes", "Reshape", [.integers([12, 10])])
    + rows(
      "a computed shape", "Reshape", [.x], expecting: .refused("its input 'x' is computed"))
    + rows("no shape", "Reshape", expecting: .refused("expected 2 inputs, found 1"))

  private static let pixel = [1, 7, 1, 1]

  private static let squeeze: [ONNXMode] =
    rows("axes as attribute", "Squeeze", until: 12, sizes: pixel, [], ["axes": .integers([2, 3])])
    + rows("axes as input", "Squeeze", since: 13, sizes: pixel, [.integers([2, 3])])
    + rows(
      "negative axes as attribute", "Squeeze", since: 11, until: 12, sizes: pixel, [],
      ["axes": .integers([-1, -2])])
    + rows("negative axes as input", "Squeeze", since: 13, sizes: pixel, [.integers([-1, 2])])
    + rows("no axes, which are all of size 1", "Squeeze", sizes: [1, 4, 5, 6])
    + rows(
      "an axis that is longer", "Squeeze", since: 13, [.integers([1])],
      expecting: .refused("expected size 1 along the axes [1]"))
    + rows(
      "an axis that is not there", "Squeeze", until: 12, [], ["axes": .integers([4])],
      expecting: .refused("attribute 'axis': 4 is not supported; only an axis of 4"))
    + rows(
      "axes twice", "Squeeze", since: 13, sizes: pixel, [.integers([2])],
      ["axes": .integers([3])],
      expecting: .refused("attribute 'axes': an attribute beside the input"))
    + rows("no axes", "Unsqueeze", expecting: .refused("expected 2 inputs, found 1"))
    + rows(
      "one axis twice", "Unsqueeze", since: 13, [.integers([0, 0])],
      expecting: .refused("attribute 'axes': [0, 0] is not supported; only each axis once"))

  private static let transpose: [ONNXMode] =
    rows("channels last", "Transpose", [], ["perm": .integers([0, 2, 3, 1])])
    + rows("as it is", "Transpose", [], ["perm": .integers([0, 1, 2, 3])])
    + rows("no order, which is the reverse", "Transpose")
    + rows("height and width exchanged", "Transpose", [], ["perm": .integers([0, 1, 3, 2])])
    + rows(
      "an axis twice", "Transpose", [], ["perm": .integers([0, 1, 1, 3])],
      expecting: .refused("attribute 'perm': [0, 1, 1, 3] is not supported"))
    + rows(
      "too few axes", "Transpose", [], ["perm": .integers([0, 2, 1])],
      expecting: .refused("attribute 'perm': [0, 2, 1] is not supported"))
}
