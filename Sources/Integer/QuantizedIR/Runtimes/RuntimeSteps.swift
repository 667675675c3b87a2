package import FixedPoint
internal import Tensors

/// `min(max(x + 3, 0), 6) / 6` as the operators of TensorFlow Lite that Keras spells it with: ADD
/// with RELU6, then MUL.
package struct HardSigmoidSteps: Sendable {
  /// The constant 3.
  package let three: QuantizedTensor
  /// The constant 1/6.
  package let sixth: QuantizedTensor
  /// `min(max(x + 3, 0), 6)`, of the input's shape.
  package let sum: QuantizedTensor
  package let add: Add
  package let multiply: Multiply

  /// The steps from `input` to `output`; `nil` where a factor between their scales cannot be
  /// expressed. Names of tensors are made from the output's.
  package init?(input: QuantizedTensor, output: QuantizedTensor, runtime: ExactRuntime) {
    func constant(_ name: String, _ value: Float) -> QuantizedTensor {
      QuantizedTensor(
        name: "\(output.name)/\(name)", shape: [1], scale: Double(value / 127), zeroPoint: 0,
        constant: [127])
    }
    three = constant("three", 3)
    sixth = constant("sixth", 1 / 6)
    sum = QuantizedTensor(
      name: "\(output.name)/sum", shape: input.shape, scale: Double(Float(6) / 255),
      zeroPoint: -128)
    guard let broadcast = Broadcast(input.shape, [1]),
      let add = try? Add(
        a: input, b: three, output: sum, broadcast: broadcast, clamp: sum.codes(of: 0...6),
        rounding: .double),
      add.isWithinReach,
      let factor = try? Requantization(
        factor: runtime.productFactor(sum, sixth, output))
    else { return nil }
    self.add = add
    multiply = Multiply(
      broadcast: broadcast, aZeroPoint: sum.zeroPoint, bZeroPoint: 0,
      outputZeroPoint: output.zeroPoint, factor: factor)
  }

  /// Both steps for every code.
  package var table: LookupTable {
    let constant = Int32(127)
    return LookupTable { code in
      let left = (Int32(code) - add.aZeroPoint) << Add.leftShift
      let common =
        add.aFactor(left, rounding: add.rounding)
        + add.bFactor(constant << Add.leftShift, rounding: add.rounding)
      let sum = (add.outputFactor(common, rounding: add.rounding) + add.outputZeroPoint)
        .clamped(to: add.clamp)
      let product = multiply.factor(
        (sum - multiply.aZeroPoint) * constant, rounding: multiply.rounding)
      return Int8((product + multiply.outputZeroPoint).clamped(to: multiply.clamp))
    }
  }
}

/// `x * sigmoid(x)` as the operators of TensorFlow Lite that converters spell it with: LOGISTIC, then
/// MUL of both.
package struct SiLUSteps: Sendable {
  /// `sigmoid(x)`, of the input's shape.
  package let gate: QuantizedTensor
  package let logistic: LookupTable
  package let multiply: Multiply

  /// The steps from `input` to `output`; `nil` where a factor between their scales cannot be
  /// expressed. The gate's name is made from the output's.
  package init?(input: QuantizedTensor, output: QuantizedTensor, runtime: ExactRuntime) {
    gate = QuantizedTensor(
      name: "\(output.name)/gate", shape: input.shape, scale: 1.0 / 256, zeroPoint: -128)
    guard let broadcast = Broadcast(input.shape, gate.shape),
      let logistic = runtime.table(.logistic, input: input, output: gate),
      let factor = try? Requantization(factor: runtime.productFactor(input, gate, output))
    else { return nil }
    self.logistic = logistic
    multiply = Multiply(
      broadcast: broadcast, aZeroPoint: input.zeroPoint, bZeroPoint: gate.zeroPoint,
      outputZeroPoint: output.zeroPoint, factor: factor)
  }

  /// Both steps for every code.
  package var table: LookupTable {
    LookupTable { code in
      let product = multiply.factor(
        (Int32(code) - multiply.aZeroPoint) * (Int32(logistic[code]) - multiply.bZeroPoint),
        rounding: multiply.rounding)
      return Int8((product + multiply.outputZeroPoint).clamped(to: multiply.clamp))
    }
  }
}

/// Where TensorFlow Lite's kernels find the rows and columns of an image in another size.
///
/// Source: TensorFlow Lite `reference/resize_bilinear.h`, `reference/resize_nearest_neighbor.h`.
package struct RuntimeResize: Hashable, Sendable {
  package var isBilinear: Bool
  /// Whether the first and the last pixels of both images lie on one another.
  package var alignsCorners: Bool
  /// Whether places are those of the pixels' middles.
  package var hasHalfPixels: Bool

  package init(isBilinear: Bool, alignsCorners: Bool, hasHalfPixels: Bool) {
    self.isBilinear = isBilinear
    self.alignsCorners = alignsCorners
    self.hasHalfPixels = hasHalfPixels
  }

  /// Every combination that the kernels take.
  package static let all = [false, true].flatMap { isBilinear in
    [(false, false), (false, true), (true, false)].map {
      RuntimeResize(isBilinear: isBilinear, alignsCorners: $0.0, hasHalfPixels: $0.1)
    }
  }

  /// The place of each of `output` rows among `input`, as int8 kernels have it, in 1024ths.
  ///
  /// - Parameter output: At most 2^16, as `input`.
  package func places(input: Int, output: Int) -> [Int32] {
    guard isBilinear else { return nearest(input, output).map { Resize.unit * Int32($0) } }
    let (from, to) = steps(input, output)
    let scale = (1024 * from + to / 2) / to
    return (0..<output).map { row in
      let place = row * scale + (hasHalfPixels ? scale / 2 - 512 : 0)
      return Int32(min(max(place, 0), 1024 * (input - 1)))
    }
  }

  /// The same as float kernels have it, in rows; places beyond the edge are not moved to it.
  package func realPlaces(input: Int, output: Int) -> [Double] {
    guard isBilinear else { return nearest(input, output).map(Double.init) }
    let (from, to) = steps(input, output)
    let scale = Float(from) / Float(to)
    return (0..<output).map { row in
      Double(hasHalfPixels ? (Float(row) + 0.5) * scale - 0.5 : Float(row) * scale)
    }
  }

  private func nearest(_ input: Int, _ output: Int) -> [Int] {
    let (from, to) = steps(input, output)
    let scale = Float(from) / Float(to)
    return (0..<output).map { row in
      let place = (Float(row) + (hasHalfPixels ? 0.5 : 0)) * scale
      let rounded = place.rounded(alignsCorners ? .toNearestOrAwayFromZero : .down)
      return min(Int(rounded), input - 1)
    }
  }

  /// What is divided by what for the distance of neighbors.
  private func steps(_ input: Int, _ output: Int) -> (Int, Int) {
    alignsCorners && output > 1 ? (input - 1, output - 1) : (input, output)
  }
}

extension Resize {
  /// The runtimes' formula for these very places; `nil` where they have none.
  package var inRuntimes: RuntimeResize? {
    RuntimeResize.all.first { mode in
      mode.places(input: input.height, output: output.height) == rows.values
        && mode.places(input: input.width, output: output.width) == columns.values
    }
  }

  /// The runtimes compute places between pixels from a distance rounded to 1024ths.
  package func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation {
    guard !isNearest else { return asOperation }
    let mode = RuntimeResize.all.first { mode in
      mode.isBilinear && mode.means(rows, of: input.height)
        && mode.means(columns, of: input.width)
    }
    guard let mode else { return asOperation }
    var layer = self
    layer.rows = Constants(mode.places(input: input.height, output: rows.count))
    layer.columns = Constants(mode.places(input: input.width, output: columns.count))
    return layer.asOperation
  }
}

extension RuntimeResize {
  /// Whether `places` are those of the formula in real numbers, to the nearest 1024th.
  fileprivate func means(_ places: Constants<Int32>, of input: Int) -> Bool {
    zip(places.values, realPlaces(input: input, output: places.count)).allSatisfy { place, real in
      abs(Double(place) - 1024 * min(max(real, 0), Double(input - 1))) <= 1
    }
  }
}
