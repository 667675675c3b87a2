/// Makes a random network of moves that each add a few operators to what is there.
protocol Generator {
  associatedtype Sketch

  /// The network so far.
  var sketch: Sketch { get }
  /// What the next move draws from.
  var draw: Draw { get set }

  /// The network's input.
  init(seed: UInt64)

  /// Adds to the network.
  mutating func move()

  /// Chooses the output.
  mutating func finish()
}

extension Generator {
  /// The network of `seed` without the moves at the places in `without`.
  static func sketch(seed: UInt64, without: Set<Int>) -> (sketch: Sketch, moves: Int) {
    var outer = Draw(seed: seed)
    let moves = outer.int(1...9)
    var generator = Self(seed: seed)
    for move in 0..<moves where !without.contains(move) {
      generator.draw = Draw(seed: seed, part: move + 1)
      generator.move()
    }
    generator.draw = Draw(seed: seed, part: 0)
    generator.finish()
    return (generator.sketch, moves)
  }
}
