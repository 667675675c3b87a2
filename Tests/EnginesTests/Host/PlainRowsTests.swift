import Engines
import FixedPoint
import QuantizedIR
import Tensors
import Testing

/// Layers that the host engine has no kernel for, against codes worked by hand: the definition in
/// Swift is no oracle for them, since they run it.
@Suite struct PlainRowsTests {
  struct Row: CustomStringConvertible, Sendable {
    let description: String
    let operation: Operation
    let inputs: [[Int8]]
    let expected: [Int8]
  }

  private static let half = Requantization(multiplier: 1 << 30, shift: 0)

  private static func pool(_ choice: Pool.Choice) -> Operation {
    let window = Window(
      input: Extent(2, 3), output: Extent(1, 2), kernel: Extent(2, 2), stride: .unit,
      padding: Extent(0, 0))
    return .pool(Pool(choice, window, channels: 1))
  }

  static let rows: [Row] = [
    Row(
      description: "max pool", operation: pool(.maximum), inputs: [[1, 5, -3, 4, 2, 7]],
      expected: [5, 7]),
    // 12 / 4; -10 / 4 is -2.5, away from zero.
    Row(
      description: "average pool", operation: pool(.average), inputs: [[9, 1, -8, -1, 3, -6]],
      expected: [3, -3]),
    Row(
      description: "maximum", operation: extremum(.maximum), inputs: [[3, -4, 0], [2, 9, 0]],
      expected: [3, 9, 0]),
    Row(
      description: "minimum", operation: extremum(.minimum), inputs: [[3, -4, 0], [2, 9, 0]],
      expected: [2, -4, 0]),
    // One third of 256 is 85.3, of zero point -128; beyond e^-25 there is nothing.
    Row(
      description: "softmax",
      operation: .softmax(
        Softmax(
          depth: 3, factor: Requantization(multiplier: 1 << 30, shift: 23),
          smallestDifference: -248)),
      inputs: [[7, 7, 7]], expected: [-43, -43, -43]),
    Row(
      description: "softmax of one class",
      operation: .softmax(
        Softmax(
          depth: 3, factor: Requantization(multiplier: 1 << 30, shift: 23),
          smallestDifference: -248)),
      inputs: [[127, -128, -128]], expected: [127, -128, -128]),
    Row(
      description: "pad", operation: .copy(.pad([1, 2], before: [0, 1], to: [1, 4], fill: 3)),
      inputs: [[1, 2]], expected: [3, 1, 2, 3]),
    Row(
      description: "transpose", operation: .copy(.transpose([2, 3], axes: [1, 0])),
      inputs: [[1, 2, 3, 4, 5, 6]], expected: [1, 4, 2, 5, 3, 6]),
    // Half of the products of a column and a row: 1.5 becomes 2, -1.5 becomes -1.
    Row(
      description: "multiply",
      operation: .multiply(
        Multiply(
          broadcast: meeting([1, 1, 2, 1], [1, 1, 1, 2]), aZeroPoint: 1, bZeroPoint: 0,
          outputZeroPoint: 0, factor: half)),
      inputs: [[4, -2], [1, 2]], expected: [2, 3, -1, -3]),
    // 2^20 / 2 of either, times 2^-19: their sum, at most 127.
    Row(
      description: "add",
      operation: .add(
        Add(
          broadcast: meeting([1, 1, 2, 1], [1, 1, 1, 2]), aZeroPoint: 1, aFactor: half,
          bZeroPoint: 0, bFactor: half, outputZeroPoint: 5,
          outputFactor: Requantization(multiplier: 1 << 30, shift: -18))),
      inputs: [[4, -2], [10, 120]], expected: [18, 127, 12, 122]),
    // 300 - 2 * 7 is 286, half of it 143; two bytes a code, the lower one first.
    Row(
      description: "fully connected over 16 bits",
      operation: Operation.fullyConnected(
        FullyConnected(
          inputCount: 2, outputCount: 1,
          sums: ChannelSums(
            inputZeroPoint: 0, outputZeroPoint: 0,
            clamp: -32768...32767, weights: [1, 2], bias: [0], multipliers: [1 << 30], shifts: [0]))
      ).between([.int16], .int16),
      inputs: [[44, 1, -7, -1]], expected: [Int8(bitPattern: 143), 0]),
  ]

  private static func extremum(_ choice: Extremum.Choice) -> Operation {
    .extremum(Extremum(choice, broadcast: meeting([1, 1, 1, 3], [1, 1, 1, 3])))
  }

  private static func meeting(_ a: Shape, _ b: Shape) -> Broadcast {
    guard let broadcast = Broadcast(a, b) else { preconditionFailure("\(a) and \(b) do not meet") }
    return broadcast
  }

  @Test(arguments: rows) func isWhatTheHandFinds(_ row: Row) {
    #expect(BoundLayer.host(row.operation).run(row.inputs) == row.expected)
  }
}
