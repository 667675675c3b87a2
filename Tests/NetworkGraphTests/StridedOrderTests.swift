import Tensors
import Testing

/// Orders of a tensor's values against coordinates.
@Suite struct StridedOrderTests {
  private let shape: Shape = [2, 3, 4]

  /// The place of a position in `shape`.
  private func place(_ i: Int, _ j: Int, _ k: Int) -> Int { (i * 3 + j) * 4 + k }

  @Test func transposition() {
    let order = StridedOrder(shape, permutation: [2, 0, 1])
    var expected: [Int] = []
    for k in 0..<4 {
      for i in 0..<2 {
        for j in 0..<3 { expected.append(place(i, j, k)) }
      }
    }
    #expect(order.places == expected)
    #expect(order.axes.count == 2, "the two outer axes are still one")
    #expect(!order.isWhole(of: 24))
    #expect(StridedOrder(shape, permutation: [0, 1, 2]).isWhole(of: 24))
  }

  @Test func slicesWithSteps() {
    let order = StridedOrder(shape, begin: [1, 2, 3], count: [1, 2, 2], step: [1, -2, -3])
    #expect(order.places == [place(1, 2, 3), place(1, 2, 0), place(1, 0, 3), place(1, 0, 0)])
    #expect(order.reach == place(1, 0, 0)...place(1, 2, 3))
    #expect(order.count == 4)
  }

  @Test func oneValue() {
    let order = StridedOrder([1, 1], begin: [0, 0], count: [1, 1], step: [1, 1])
    #expect(order.places == [0])
    #expect(order.isWhole(of: 1))
    #expect(!StridedOrder(start: 1, []).isWhole(of: 1))
  }
}
