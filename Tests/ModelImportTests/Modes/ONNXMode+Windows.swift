import PlainNetworks

/// Convolution, pooling and padding.
extension ONNXMode {
  static let windows: [ONNXMode] = conv + averagePool + maxPool + globalPool + pad

  private static let weights = Input.floats([3, 4, 3, 2])

  private static let conv: [ONNXMode] =
    rows("defaults", "Conv", [weights])
    + rows("bias left out", "Conv", [weights, .none])
    + rows("bias", "Conv", [weights, .floats([3])])
    + rows("kernel_shape", "Conv", [weights], ["kernel_shape": .integers([3, 2])])
    + rows(
      "kernel_shape unlike the weights", "Conv", [weights], ["kernel_shape": .integers([3, 3])],
      expecting: .refused(
        "attribute 'kernel_shape': 3x3 is not supported; only the size of the weights, 3x2"))
    + rows(
      "uneven pads and strides", "Conv", [weights],
      ["pads": .integers([1, 0, 2, 1]), "strides": .integers([2, 1])])
    + rows("dilations", "Conv", [weights], ["dilations": .integers([1, 2])])
    + ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].flatMap { mode in
      rows(
        "auto_pad \(mode)", "Conv", [weights],
        ["auto_pad": .text(mode), "strides": .integers([2, 3])])
    }
    + rows(
      "auto_pad NOTSET with pads", "Conv", [weights],
      ["auto_pad": .text("NOTSET"), "pads": .integers([1, 1, 1, 1])])
    + rows(
      "auto_pad that is none", "Conv", [weights], ["auto_pad": .text("SAME")],
      expecting: .refused("attribute 'auto_pad': SAME is not supported"))
    + rows(
      "negative pads", "Conv", [weights], ["pads": .integers([-1, 0, 0, 0])],
      expecting: .refused("attribute 'pads': [-1, 0, 0, 0] is not supported"))
    + rows("groups", "Conv", [.floats([6, 2, 3, 3])], ["group": .integer(2)])
    + rows("a group a channel", "Conv", [.floats([8, 1, 3, 3])], ["group": .integer(4)])
    + rows(
      "computed weights", "Conv", [.x],
      expecting: .refused("its input 'x' is computed; only a constant"))

  private static let kernel: [String: ONNXAttribute] = ["kernel_shape": .integers([3, 2])]

  private static func with(_ more: [String: ONNXAttribute]) -> [String: ONNXAttribute] {
    kernel.merging(more) { $1 }
  }

  private static let averagePool: [ONNXMode] =
    rows("defaults", "AveragePool", [], kernel)
    + rows(
      "without kernel_shape", "AveragePool", expecting: .refused("attribute 'kernel_shape': none"))
    + rows(
      "padding left out of the divisor", "AveragePool", [],
      with(["pads": .integers([1, 0, 1, 1]), "count_include_pad": .integer(0)]))
    + rows(
      "padding in the divisor", "AveragePool", [],
      with(["pads": .integers([1, 0, 1, 1]), "count_include_pad": .integer(1)]))
    + ["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap { mode in
      [0, 1].flatMap { counts in
        rows(
          "auto_pad \(mode), count_include_pad \(counts)", "AveragePool", [],
          with([
            "auto_pad": .text(mode), "count_include_pad": .integer(counts),
            "strides": .integers([2, 2]),
          ]))
      }
    }
    + rows(
      "ceil_mode that rounds nothing", "AveragePool", since: 10, [],
      with(["ceil_mode": .integer(1)]))
    + rows(
      "ceil_mode that rounds", "AveragePool", since: 10, [],
      with(["ceil_mode": .integer(1), "strides": .integers([1, 3])]))
    + rows(
      "dilations", "AveragePool", since: 19, [],
      with(["dilations": .integers([2, 1]), "strides": .integers([1, 2])]))
    + rows(
      "dilations beside pads that do not count", "AveragePool", since: 19, [],
      with(["dilations": .integers([2, 1]), "pads": .integers([1, 0, 1, 0])]),
      expecting: .refused("attribute 'dilations': 2x1 is not supported"))
    + rows("dilations of 1", "AveragePool", since: 19, [], with(["dilations": .integers([1, 1])]))
    + rows(
      "pads as large as the kernel", "AveragePool", [], with(["pads": .integers([3, 0, 0, 0])]),
      expecting: .refused("attribute 'pads'"))

  private static let maxPool: [ONNXMode] =
    rows("defaults", "MaxPool", [], kernel)
    + rows(
      "uneven pads", "MaxPool", [],
      with(["pads": .integers([2, 0, 1, 1]), "strides": .integers([1, 2])]))
    + rows("indices that nobody reads", "MaxPool", since: 8, [], kernel, outputs: 2)
    + rows(
      "indices that are read", "MaxPool", since: 8, [], kernel, outputs: 2, reads: 1,
      expecting: .unknownOutput)
    + rows(
      "indices in column order that nobody reads", "MaxPool", since: 8, [],
      with(["storage_order": .integer(1)]), outputs: 2)
    + ["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap { mode in
      rows(
        "auto_pad \(mode)", "MaxPool", [],
        with(["auto_pad": .text(mode), "strides": .integers([2, 2])]))
    }
    + rows(
      "ceil_mode that rounds", "MaxPool", since: 10, [],
      with(["ceil_mode": .integer(1), "strides": .integers([3, 3])]))
    + rows(
      "dilations", "MaxPool", since: 10, [], with(["dilations": .integers([1, 2])]))
    + rows(
      "dilations, pads and strides", "MaxPool", since: 10, [],
      with([
        "dilations": .integers([2, 2]), "pads": .integers([1, 2, 2, 1]),
        "strides": .integers([2, 1]),
      ]))

  private static let globalPool: [ONNXMode] =
    rows("defaults", "GlobalAveragePool")
    + rows("of one pixel", "GlobalAveragePool", sizes: [1, 4, 1, 1])
    + rows("axes as attribute", "ReduceMean", until: 17, [], ["axes": .integers([2, 3])])
    + rows(
      "axes as attribute, dropped", "ReduceMean", until: 17, [],
      ["axes": .integers([3, 2]), "keepdims": .integer(0)])
    + rows("negative axes", "ReduceMean", since: 11, until: 17, [], ["axes": .integers([-1, -2])])
    + rows("axes as input", "ReduceMean", since: 18, [.integers([2, 3])])
    + rows(
      "axes as input, dropped", "ReduceMean", since: 18, [.integers([-2, -1])],
      ["keepdims": .integer(0)])
    + rows(
      "no axes, which are none", "ReduceMean", since: 18, [],
      ["noop_with_empty_axes": .integer(1)])
    + rows(
      "empty axes, which are none", "ReduceMean", since: 18, [.integers([])],
      ["noop_with_empty_axes": .integer(1)])
    + rows(
      "no axes, which are all", "ReduceMean")
    + rows(
      "empty axes, which are all", "ReduceMean", since: 18, [.integers([])])
    + rows("no axes of one channel", "ReduceMean", sizes: [1, 1, 5, 6])
    + rows("one axis", "ReduceMean", until: 17, [], ["axes": .integers([2])])
    + rows("the channels", "ReduceMean", since: 18, [.integers([1])])
    + rows(
      "one axis beside one of size 1", "ReduceMean", until: 17, sizes: [1, 4, 5, 1], [],
      ["axes": .integers([2])])
    + rows(
      "axes twice", "ReduceMean", since: 18, [.integers([2, 3])], ["axes": .integers([2, 3])],
      expecting: .refused("attribute 'axes': an attribute beside the input"))

  private static let pads = [0, 0, 1, 2, 0, 0, 3, 0]

  private static let pad: [ONNXMode] =
    rows("pads as attribute", "Pad", until: 10, [], ["pads": .integers(pads)])
    + rows("pads as input", "Pad", since: 11, [.integers(pads)])
    + rows("value 0", "Pad", since: 11, [.integers(pads), .floats([], [0])])
    + rows(
      "another value", "Pad", since: 11, [.integers(pads), .floats([], [0.5])])
    + rows(
      "another value as attribute", "Pad", until: 10, [],
      ["pads": .integers(pads), "value": .real(-1)])
    + rows(
      "axes", "Pad", since: 18, [.integers([1, 2, 3, 0]), .none, .integers([2, -1])])
    + rows(
      "axes and a value", "Pad", since: 18,
      [.integers([2, 1]), .floats([], [0]), .integers([3])])
    + rows("mode constant", "Pad", since: 11, [.integers(pads)], ["mode": .text("constant")])
    + rows(
      "a value without bound", "Pad", since: 11, [.integers(pads), .floats([], [.infinity])],
      expecting: .refused("attribute 'value': inf is not supported; only a finite number"))
    + rows(
      "a mode that is none", "Pad", since: 11, [.integers(pads)], ["mode": .text("mirror")],
      expecting: .refused(
        "attribute 'mode': mirror is not supported; only constant, edge, reflect and wrap"))
    + rows(
      "more than a mirror shows", "Pad", since: 11, [.integers([0, 0, 5, 0, 0, 0, 0, 0])],
      ["mode": .text("reflect")],
      expecting: .refused("attribute 'pads': (before: 5, after: 0)"))
    + rows(
      "more cut away than there is", "Pad", since: 11, [.integers([0, 0, -3, 0, 0, 0, -2, 0])],
      expecting: .refused("attribute 'pads': (before: -3, after: -2)"))
    + rows(
      "pads of the batch", "Pad", since: 11, [.integers([1, 0, 0, 0, 0, 0, 0, 0])],
      expecting: .refused("its input's axes are [1, C, H, W], padded by"))
    + rows(
      "pads of axis 1, which is the rows then", "Pad", since: 11,
      [.integers([0, 1, 0, 0, 0, 0, 0, 0])])
    + rows(
      "pads of axes 1 and 3", "Pad", since: 11, [.integers([0, 1, 0, 1, 0, 0, 0, 0])])
    + rows(
      "no pads", "Pad", since: 11, expecting: .refused("attribute 'pads': [] is not supported"))
}
