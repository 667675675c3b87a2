import PlainNetworks

/// What brings values to other places, all or some of them.
extension ONNXMode {
  static let moves: [ONNXMode] = concat + slice + split + gather + blocks

  private static let concat: [ONNXMode] =
    [1, 2, 3].flatMap { axis in
      rows("twice along \(axis)", "Concat", [.x], ["axis": .integer(axis)])
    }
    + rows("along the batch", "Concat", [.x], ["axis": .integer(0)])
    + rows("from the end", "Concat", since: 11, [.x, .x], ["axis": .integer(-3)])
    + rows("in front of a convolution", "Concat", [.x], ["axis": .integer(1)], tail: .convolution)
    + rows("of vectors", "Concat", sizes: [1, 5], [.x], ["axis": .integer(1)])
    + rows("of rows", "Concat", sizes: [1, 3, 5], [.x], ["axis": .integer(1)])
    + rows("of one", "Concat", [], ["axis": .integer(1)])
    + rows(
      "no axis", "Concat", [.x], expecting: .refused("attribute 'axis': none is not supported"))
    + rows(
      "an axis that is not there", "Concat", [.x], ["axis": .integer(4)],
      expecting: .refused("attribute 'axis': 4 is not supported; only an axis of 4"))

  private static let slice: [ONNXMode] =
    rows(
      "bounds as attributes", "Slice", until: 9, [],
      ["starts": .integers([1, 2]), "ends": .integers([3, 5]), "axes": .integers([1, 2])])
    + rows(
      "bounds as attributes without axes", "Slice", until: 9, [],
      ["starts": .integers([0, 1]), "ends": .integers([1, 1000])])
    + rows(
      "bounds as inputs", "Slice", since: 10,
      [.integers([1, -3]), .integers([3, 1000]), .integers([1, 3])])
    + rows(
      "steps", "Slice", since: 10,
      [.integers([0, 1]), .integers([4, 6]), .integers([1, 3]), .integers([2, 3])])
    + rows(
      "backwards", "Slice", since: 10,
      [.integers([-1, 4]), .integers([-1000, 0]), .integers([1, 2]), .integers([-1, -2])])
    + rows(
      "in front of a convolution", "Slice", since: 10,
      [.integers([1]), .integers([3]), .integers([1])], tail: .convolution)
    + rows(
      "a step of 0", "Slice", since: 10,
      [.integers([0]), .integers([1]), .integers([1]), .integers([0])],
      expecting: .refused("attribute 'starts, ends, axes, steps'"))
    + rows(
      "nothing", "Slice", since: 10, [.integers([2]), .integers([2]), .integers([1])],
      expecting: .refused("expected a slice of at least one value"))

  private static let split: [ONNXMode] =
    [0, 1].flatMap { output in
      rows(
        "sizes as attribute", "Split", until: 12, [],
        ["axis": .integer(1), "split": .integers([1, 3])], outputs: 2, reads: output)
        + rows(
          "sizes as input", "Split", since: 13, [.integers([1, 3])], ["axis": .integer(1)],
          outputs: 2, reads: output)
        + rows(
          "equal parts", "Split", until: 17, [], ["axis": .integer(3)], outputs: 2, reads: output)
        + rows(
          "a number of parts", "Split", since: 18, [],
          ["axis": .integer(-2), "num_outputs": .integer(2)], outputs: 2, reads: output)
    }
    + rows(
      "in front of a convolution", "Split", since: 13, [.integers([2, 2])], ["axis": .integer(1)],
      outputs: 2, reads: 1, tail: .convolution)
    + rows(
      "sizes that leave something", "Split", since: 13, [.integers([1, 2])],
      ["axis": .integer(1)], outputs: 2,
      expecting: .refused("attribute 'split': [1, 2] is not supported"))

  private static let gather: [ONNXMode] =
    rows("neighbors", "Gather", [.integers([1, 2])], ["axis": .integer(1)])
    + rows("every other", "Gather", [.integers([0, 2])], ["axis": .integer(1)])
    + rows("in no order", "Gather", [.integers([3, 0, 1, 1])], ["axis": .integer(1)])
    + rows("from the end", "Gather", since: 11, [.integers([-1, 0])], ["axis": .integer(2)])
    + rows(
      "an index that is not there", "Gather", [.integers([4])], ["axis": .integer(1)],
      expecting: .refused("attribute 'axis': 4 is not supported"))
    + rows(
      "computed indices", "Gather", [.x], ["axis": .integer(1)],
      expecting: .refused("its input 'x' is computed"))

  private static let blocks: [ONNXMode] =
    rows("blocks of 2", "DepthToSpace", sizes: [1, 12, 3, 2], [], ["blocksize": .integer(2)])
    + ["DCR", "CRD"].flatMap { mode in
      rows(
        mode, "DepthToSpace", since: 11, sizes: [1, 12, 3, 2], [],
        ["blocksize": .integer(2), "mode": .text(mode)])
        + rows(
          mode + " in front of a convolution", "DepthToSpace", since: 11, sizes: [1, 12, 3, 2], [],
          ["blocksize": .integer(2), "mode": .text(mode)], tail: .convolution)
    }
    + rows("no block", "DepthToSpace", expecting: .refused("attribute 'blocksize': 0"))
    + rows("blocks of 2", "SpaceToDepth", sizes: [1, 3, 4, 6], [], ["blocksize": .integer(2)])
    + rows(
      "blocks that do not fit", "SpaceToDepth", [], ["blocksize": .integer(2)],
      expecting: .refused("expected height and width in blocks of 2"))
}
