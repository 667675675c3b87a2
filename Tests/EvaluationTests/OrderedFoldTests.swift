import Evaluation
import Testing

@Suite struct OrderedFoldTests {
  /// Parts that take longer the earlier they come are still folded in order.
  @Test(arguments: [1, 2, 5]) func foldsInOrder(threads: Int) async throws {
    var (folded, progress): ([Range<Int>], [Int]) = ([], [])
    try await orderedFold(count: 23, partLength: 4, threads: threads) { range in
      var sum = 0
      for value in 0..<(23 - range.lowerBound) * 1000 { sum &+= value }
      return sum == -1 ? 0..<0 : range
    } fold: { part, done in
      folded.append(part)
      progress.append(done)
    }
    #expect(folded == [0..<4, 4..<8, 8..<12, 12..<16, 16..<20, 20..<23])
    #expect(progress == [4, 8, 12, 16, 20, 23])
  }

  private struct Stop: Error {}

  @Test func stopsAtAnError() async {
    var done = 0
    await #expect(throws: Stop.self) {
      try await orderedFold(count: 100, partLength: 10, threads: 2) { range in
        if range.lowerBound == 50 { throw Stop() }
        return range.count
      } fold: { _, count in
        done = count
      }
    }
    #expect(done <= 50)
  }
}
