internal import QuantizedIR

extension Broadcast {
  /// The offsets of operand `a`, operand `b` and the output for every value, in output order.
  var offsets: BroadcastOffsets { BroadcastOffsets(self) }
}

/// Walks four nested axes, innermost fastest. Twin: the loops of `mnq_add_s8` in `CRuntime`.
struct BroadcastOffsets: Sequence, IteratorProtocol {
  private let broadcast: Broadcast
  private var position = [0, 0, 0, 0]
  private var a = 0
  private var b = 0
  private var output = 0

  init(_ broadcast: Broadcast) { self.broadcast = broadcast }

  mutating func next() -> (a: Int, b: Int, output: Int)? {
    guard output < broadcast.count else { return nil }
    defer { advance() }
    return (a, b, output)
  }

  private mutating func advance() {
    output += 1
    for axis in stride(from: 3, through: 0, by: -1) {
      position[axis] += 1
      a += broadcast.aStrides[axis]
      b += broadcast.bStrides[axis]
      if position[axis] < broadcast.shape[axis] { return }
      a -= position[axis] * broadcast.aStrides[axis]
      b -= position[axis] * broadcast.bStrides[axis]
      position[axis] = 0
    }
  }
}
