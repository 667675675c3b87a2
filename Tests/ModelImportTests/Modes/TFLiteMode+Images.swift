import PlainNetworks

/// What gives an image another size.
extension TFLiteMode {
  static func images(_ isFloat: Bool) -> [TFLiteMode] {
    resizes(isFloat) + transposed(isFloat) + tiles(isFloat)
  }

  private static func tiles(_ isFloat: Bool) -> [TFLiteMode] {
    func tile(_ multiples: [Int], expecting expected: Expected = .value) -> TFLiteMode {
      row(
        "\(multiples) times", .tile, isFloat: isFloat, [.integers([4], multiples)],
        output: zip([1, 5, 6, 4], multiples).map { $0 * max($1, 1) }, expecting: expected)
    }
    let refusal = "expected one axis to repeat, not the multiples "
    return [tile([1, 1, 1, 1]), tile([1, 2, 1, 1]), tile([1, 1, 3, 1]), tile([1, 1, 1, 2])] + [
      tile([1, 2, 2, 1], expecting: .refused("\(refusal)[1, 2, 2, 1]")),
      tile([1, 0, 1, 1], expecting: .refused("\(refusal)[1, 0, 1, 1]")),
    ]
  }

  private static func resizes(_ isFloat: Bool) -> [TFLiteMode] {
    func resize(
      _ what: String, _ size: [Int], isBilinear: Bool, corners: Bool, middles: Bool,
      expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .resize(isBilinear: isBilinear, corners: corners, middles: middles),
        isFloat: isFloat, [.integers([size.count], size)],
        output: [1] + size.prefix(2) + [4], expecting: expected)
    }
    let sizes = [[10, 12], [7, 4], [15, 18], [1, 1], [3, 17]]
    return [(false, false), (true, false), (false, true)].flatMap { corners, middles in
      [false, true].flatMap { isBilinear in
        sizes.map {
          resize("to \($0)", $0, isBilinear: isBilinear, corners: corners, middles: middles)
        }
      }
    } + [
      resize(
        "both", [10, 12], isBilinear: true, corners: true, middles: true,
        expecting: .refused("attribute 'half_pixel_centers': true beside align_corners")),
      resize(
        "three sizes", [10, 12, 4], isBilinear: false, corners: false, middles: false,
        expecting: .refused("expected [N, H, W, C] and a new height and width in 1...65536")),
    ]
  }

  private static func transposed(_ isFloat: Bool) -> [TFLiteMode] {
    func transposed(
      _ what: String, _ kernel: [Int] = [3, 2], stride: [Int] = [2, 3], isSame: Bool = false,
      to size: [Int], bias: [Operand] = [.bias(3)], activation: Int = 0, channels: Int = 4,
      expecting expected: Expected = .value
    ) -> TFLiteMode {
      row(
        what, .transposeConv(.init(kernel, stride: stride, isSame: isSame)), isFloat: isFloat,
        [.integers([4], [1] + size + [3]), .weights([3] + kernel + [channels])] + bias,
        output: [1] + size + [3], activation: activation, expecting: expected)
    }
    return [
      transposed("VALID", to: [11, 17]),
      transposed("SAME", isSame: true, to: [10, 18]),
      transposed("SAME to odd sizes", [4, 3], stride: [2, 2], isSame: true, to: [9, 11]),
      transposed("without bias", to: [11, 17], bias: []),
      transposed("an activation", to: [11, 17], activation: 1),
      transposed("larger than what taps reach", to: [13, 20]),
      transposed("smaller than that", to: [6, 7]),
      transposed(
        "weights of other channels", to: [11, 17], channels: 3,
        expecting: .refused("expected [N, H, W, C], C as the weights [3, 3, 2, 3]")),
    ]
  }
}
