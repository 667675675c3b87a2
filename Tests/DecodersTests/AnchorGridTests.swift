import Decoders
import Testing

/// Anchors by the rules of those who made them.
@Suite struct AnchorGridTests {
  private func expect(_ found: ArraySlice<Anchor>, _ rows: [[Double]]) {
    #expect(found.count == rows.count)
    for (anchor, row) in zip(found, rows) {
      let values = [anchor.x, anchor.y, anchor.width, anchor.height]
      #expect(zip(values, row).allSatisfy { abs($0 - $1) < 1e-6 }, "\(anchor), \(row)")
    }
  }

  /// What `DefaultBoxGenerator([[2], [2, 3]], min_ratio=0.2, max_ratio=0.95)` of torchvision 0.24 gives for
  /// maps of 2 x 3 and 1 x 1.
  @Test func torchvisions() {
    let anchors = AnchorGrid.torchvision(
      [.init(rows: 2, columns: 3), .init(rows: 1, columns: 1)], ratios: [[2], [2, 3]], least: 0.2,
      most: 0.95)
    #expect(anchors.count == 30)
    expect(
      anchors.prefix(5),
      [
        [0.166667, 0.25, 0.2, 0.2], [0.166667, 0.25, 0.435890, 0.435890],
        [0.166667, 0.25, 0.282843, 0.141421], [0.166667, 0.25, 0.141421, 0.282843],
        [0.5, 0.25, 0.2, 0.2],
      ])
    expect(
      anchors.suffix(6),
      [
        [0.5, 0.5, 0.95, 0.95], [0.5, 0.5, 0.974679, 0.974679], [0.5, 0.5, 1, 0.671751],
        [0.5, 0.5, 0.671751, 1], [0.5, 0.5, 1, 0.548483], [0.5, 0.5, 0.548483, 1],
      ])
  }

  /// By hand: 3 in each place of the first map, 6 in those after it, whose last scale is 0.95.
  @Test func tensorflows() {
    let anchors = AnchorGrid.tensorflow([.init(rows: 1, columns: 2), .init(rows: 1, columns: 1)])
    #expect(anchors.count == 2 * 3 + 6)
    expect(
      anchors.prefix(4),
      [
        [0.25, 0.5, 0.1, 0.1], [0.25, 0.5, 0.282843, 0.141421], [0.25, 0.5, 0.141421, 0.282843],
        [0.75, 0.5, 0.1, 0.1],
      ])
    expect(
      anchors.suffix(6),
      [
        [0.5, 0.5, 0.95, 0.95], [0.5, 0.5, 1.343503, 0.671751], [0.5, 0.5, 1.645448, 0.548483],
        [0.5, 0.5, 0.671751, 1.343503], [0.5, 0.5, 0.548483, 1.645448],
        [0.5, 0.5, 0.974679, 0.974679],
      ])
  }
}
