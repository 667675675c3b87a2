import PlainNetworks

/// What gives an image another size.
extension ONNXMode {
  static let images: [ONNXMode] = resize + upsample + convTranspose

  private static let double = Input.floats([4], [1, 1, 2, 3])

  private static let resize: [ONNXMode] =
    rows("scales", "Resize", since: 11, [.none, double])
    + rows("scales of before roi", "Resize", since: 10, until: 10, [double])
    + rows(
      "linear of before roi", "Resize", since: 10, until: 10, [.floats([4], [1, 1, 1.5, 0.5])],
      ["mode": .text("linear")])
    + rows(
      "smaller of before roi", "Resize", since: 10, until: 10, [.floats([4], [1, 1, 0.5, 0.7])])
    + rows("sizes", "Resize", since: 11, [.none, .floats([0], []), .integers([1, 4, 7, 3])])
    + rows("sizes alone", "Resize", since: 13, [.none, .none, .integers([1, 4, 7, 3])])
    + rows(
      "neither", "Resize", since: 13, expecting: .refused("attribute 'scales, sizes': [], []"))
    + rows(
      "an axis of 0", "Resize", since: 13, [.none, .none, .integers([1, 4, 0, 6])],
      expecting: .refused("attribute 'scales, sizes': sizes of [1, 4, 0, 6] is not supported"))
    + rows(
      "axes", "Resize", since: 18, [.none, .none, .integers([9, 4])],
      ["axes": .integers([3, -2])])
    + [
      "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn",
    ].flatMap { coordinates in
      ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].flatMap { rounding in
        rows(
          "\(coordinates), \(rounding)", "Resize", since: 11, until: 18,
          [.none, .floats([4], [1, 1, 1.7, 0.6])],
          [
            "coordinate_transformation_mode": .text(coordinates), "nearest_mode": .text(rounding),
          ])
      }
        + rows(
          "linear \(coordinates)", "Resize", since: 11, until: 18,
          [.none, .floats([4], [1, 1, 1.7, 0.6])],
          ["coordinate_transformation_mode": .text(coordinates), "mode": .text("linear")])
    }
    + rows(
      "half_pixel_symmetric", "Resize", since: 19, [.none, .floats([4], [1, 1, 1.7, 0.6])],
      ["coordinate_transformation_mode": .text("half_pixel_symmetric"), "mode": .text("linear")])
    + rows(
      "to one pixel", "Resize", since: 11, [.none, .floats([0], []), .integers([1, 4, 1, 1])],
      ["coordinate_transformation_mode": .text("pytorch_half_pixel"), "mode": .text("linear")])
    + rows(
      "crop", "Resize", since: 11, [.none, double],
      ["coordinate_transformation_mode": .text("tf_crop_and_resize")],
      expecting: .refused("attribute 'coordinate_transformation_mode': tf_crop_and_resize"))
    + rows(
      "cubic", "Resize", since: 11, [.none, double], ["mode": .text("cubic")],
      expecting: .refused("attribute 'mode': cubic is not supported; only nearest and linear"))
    + rows(
      "antialias of a larger image", "Resize", since: 18, [.none, double],
      ["antialias": .integer(1), "mode": .text("linear")])
    + rows(
      "antialias of a smaller one", "Resize", since: 18, [.none, .floats([4], [1, 1, 2, 0.5])],
      ["antialias": .integer(1), "mode": .text("linear")],
      expecting: .refused("attribute 'antialias': 1 is not supported"))
    + rows(
      "aspect ratio", "Resize", since: 18, [.none, .none, .integers([1, 4, 9, 9])],
      ["keep_aspect_ratio_policy": .text("not_larger")],
      expecting: .refused("attribute 'keep_aspect_ratio_policy': not_larger is not supported"))

  private static let upsample: [ONNXMode] =
    rows("defaults", "Upsample", since: 9, until: 9, [double])
    + rows("linear", "Upsample", since: 9, until: 9, [double], ["mode": .text("linear")])

  private static let weights = Input.floats([4, 3, 3, 2])

  private static let convTranspose: [ONNXMode] =
    rows("defaults", "ConvTranspose", [weights])
    + rows("bias", "ConvTranspose", [weights, .floats([3])])
    + rows("strides", "ConvTranspose", [weights], ["strides": .integers([2, 3])])
    + rows(
      "pads and output_padding", "ConvTranspose", [weights],
      [
        "pads": .integers([1, 0, 2, 1]), "strides": .integers([2, 3]),
        "output_padding": .integers([1, 2]),
      ])
    + rows(
      "dilations", "ConvTranspose", [weights],
      ["dilations": .integers([2, 3]), "strides": .integers([2, 1])])
    + rows(
      "groups", "ConvTranspose", [.floats([4, 2, 3, 3])],
      ["group": .integer(2), "strides": .integers([2, 2])])
    + rows("a group a channel", "ConvTranspose", [.floats([4, 1, 2, 2])], ["group": .integer(4)])
    + ["NOTSET", "SAME_UPPER", "SAME_LOWER"].flatMap { mode in
      rows(
        "output_shape \(mode)", "ConvTranspose", [weights],
        [
          "auto_pad": .text(mode), "strides": .integers([2, 2]),
          "output_shape": .integers([10, 11]),
        ])
    }
    + rows(
      "output_shape larger than what taps reach", "ConvTranspose", [weights],
      ["strides": .integers([2, 2]), "output_shape": .integers([12, 13])])
    + ["VALID", "SAME_UPPER", "SAME_LOWER"].flatMap { mode in
      rows(
        "auto_pad \(mode)", "ConvTranspose", [weights],
        ["auto_pad": .text(mode), "strides": .integers([2, 1])])
    }
    + rows(
      "weights of other channels", "ConvTranspose", [.floats([3, 3, 3, 2])],
      expecting: .refused("constant 'c0': expected weights for 4 input channels in 1 groups"))
    + rows(
      "negative output_padding", "ConvTranspose", [weights],
      ["output_padding": .integers([-1, 0])],
      expecting: .refused("attribute 'output_padding': [-1, 0] is not supported"))
    + rows(
      "pads as large as the output", "ConvTranspose", [weights],
      ["pads": .integers([4, 0, 4, 0])],
      expecting: .refused("a 3x2 kernel does not fit once into the padded input"))
}
