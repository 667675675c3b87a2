internal import BoardEngine
internal import FloatReference
internal import HostEngine
internal import IntegerEngine

/// One thread's share of a benchmark: a network, memory to run it in, and an input.
protocol BenchmarkRunner {
  /// Runs the network once; `mark` is called after each layer, in execution order.
  func run(mark: () -> Void)
  /// Runs the network once, as fast as the engine can.
  func run()
}

extension BenchmarkRunner {
  func run() { run {} }
}

/// The packed kernels of this machine.
final class HostRunner: BenchmarkRunner {
  private var arena: HostArena
  private let input: [Int8]

  init(_ host: HostModel, _ input: [Int8]) {
    arena = HostArena(host)
    self.input = input
  }

  func run(mark: () -> Void) { _ = arena.run(input) { _, _ in mark() } }
}

/// The board's C in the board's arena.
final class BoardRunner: BenchmarkRunner {
  private var arena: BoardArena
  private let input: [Int8]

  init(_ board: BoardModel, _ input: [Int8]) {
    arena = BoardArena(board)
    self.input = input
  }

  func run(mark: () -> Void) { _ = arena.run(input) { _, _ in mark() } }
}

/// The definition in plain Swift.
struct PlainRunner: BenchmarkRunner {
  let engine: Engine
  let input: [Int8]

  func run(mark: () -> Void) { _ = engine.activations(input) { _ in mark() } }
}

/// The float reference. Its clamps are layers of their own only while layers are marked.
final class FloatRunner: BenchmarkRunner {
  private let reference: FloatReference
  private let arena: Arena
  private let input: [Float]

  init(_ reference: FloatReference, _ input: [Float]) {
    self.reference = reference
    arena = reference.makeArena()
    self.input = input
  }

  func run(mark: () -> Void) {
    // The input itself is the first tensor that the reference shows.
    var isLayer = false
    _ = reference.run(input, in: arena) { (_, _) throws(Never) in
      if isLayer { mark() }
      isLayer = true
    }
  }

  func run() { _ = reference.run(input, in: arena) }
}
