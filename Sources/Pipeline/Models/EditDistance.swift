/// Finds what a user may have meant.
enum EditDistance {
  /// The candidate that takes the fewest changes from `word`; `nil` where even that takes more
  /// changes than half of the word has letters.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let ranked = candidates.map { (candidate: $0, distance: between(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      2 * best.distance <= max(word.count, best.candidate.count)
    else { return nil }
    return best.candidate
  }

  /// How many letters to insert, remove or replace (Levenshtein).
  static func between(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
