/// Places along an axis with one step between.
struct PlaceRun: Hashable {
  var first: Int
  var count: Int
  var step: Int

  /// As many runs as a list of places may fall into: each becomes a copy.
  static let most = 256

  init(first: Int, count: Int, step: Int) {
    (self.first, self.count, self.step) = (first, count, step)
  }

  /// What a slice means: bounds count from the end where they are negative, are cut to the axis, and
  /// the second is not reached.
  init(from start: Int, to end: Int, step: Int, of size: Int) {
    let step = Swift.min(Swift.max(step, -Swift.max(size, 1)), Swift.max(size, 1))
    func bound(_ place: Int, _ range: ClosedRange<Int>) -> Int {
      Swift.min(Swift.max(place < 0 ? place + size : place, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let (first, last) = (bound(start, 0...size), bound(end, 0...size))
      self.init(first: first, count: Swift.max(0, (last - first + step - 1) / step), step: step)
    } else {
      let range = -1...Swift.max(size - 1, -1)
      let (first, last) = (bound(start, range), bound(end, range))
      self.init(first: first, count: Swift.max(0, (first - last - step - 1) / -step), step: step)
    }
  }

  /// Each of them, in order.
  var places: [Int] { (0..<count).map { first + $0 * step } }

  /// `places` as runs, as few as a walk from the first on finds.
  static func runs(_ places: [Int]) -> [PlaceRun] {
    var runs: [PlaceRun] = []
    for place in places {
      if let last = runs.last, last.count == 1, place != last.first {
        runs[runs.count - 1] = PlaceRun(first: last.first, count: 2, step: place - last.first)
      } else if let last = runs.last, last.count > 1, place == last.first + last.count * last.step {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(PlaceRun(first: place, count: 1, step: 1))
      }
    }
    return runs
  }
}
