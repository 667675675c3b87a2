/// What training changes of a network, in one piece of memory: weights, biases, and the scales and
/// offsets of batch normalizations; beside them the statistics that normalizations gather.
package final class Parameters {
  /// One array of trained values.
  package struct Parameter: Hashable, Sendable {
    /// The node's name and what it is of the node: `features.0.0 kernel`.
    package let name: String
    package let range: Range<Int>
    /// Whether weight decay pulls at it: at kernels alone.
    package let decays: Bool
  }

  package private(set) var list: [Parameter] = []
  package private(set) var values = Floats(0)
  package private(set) var gradients = Floats(0)
  /// Running means and variances.
  package private(set) var statistics = Floats(0)
  private var initialValues: [Float] = []
  private var initialStatistics: [Float] = []

  /// Adds trained values before `allocate` and returns where they lie.
  func add(_ name: String, _ initial: [Float], decays: Bool) -> Range<Int> {
    let range = initialValues.count..<initialValues.count + initial.count
    list.append(Parameter(name: name, range: range, decays: decays))
    initialValues += initial
    return range
  }

  /// Adds gathered values before `allocate` and returns where they lie.
  func addStatistics(_ initial: [Float]) -> Range<Int> {
    let range = initialStatistics.count..<initialStatistics.count + initial.count
    initialStatistics += initial
    return range
  }

  /// Makes the memory when all are known.
  func allocate() {
    values = Floats(initialValues)
    gradients = Floats(initialValues.count)
    statistics = Floats(initialStatistics)
    (initialValues, initialStatistics) = ([], [])
  }

  /// Takes the trained values of `other`, all of which have names that are known here.
  func take(_ other: Parameters) {
    let ranges = Dictionary(list.map { ($0.name, $0.range) }) { first, _ in first }
    for parameter in other.list {
      guard let range = ranges[parameter.name], range.count == parameter.range.count else {
        preconditionFailure("no parameter '\(parameter.name)'")
      }
      (values.start + range.lowerBound).update(
        from: other.values.start + parameter.range.lowerBound, count: range.count)
    }
  }

  /// Where the values of a node lie: its `kernel`, `bias` or `steps`, or the `range` of a tensor, in
  /// the order of the operation. None where it has no such parameters.
  package func ranges(_ name: String, _ kind: String, groups: Int = 1) -> [Range<Int>] {
    let names =
      groups == 1
      ? ["\(name) \(kind)"] : (0..<groups).map { "\(name) group \($0) \(kind)" }
    return names.flatMap { name in list.filter { $0.name == name }.map(\.range) }
  }

  func values(_ range: Range<Int>) -> [Float] {
    Array(UnsafeBufferPointer(start: values.start + range.lowerBound, count: range.count))
  }

  func statistics(_ range: Range<Int>) -> [Float] {
    Array(UnsafeBufferPointer(start: statistics.start + range.lowerBound, count: range.count))
  }
}

/// Floats at one place in memory, on a line of the processor's cache. Zero at first.
package final class Floats: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int

  package init(_ count: Int) {
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    start = memory.bindMemory(to: Float.self, capacity: max(1, count))
    start.initialize(repeating: 0, count: max(1, count))
  }

  convenience init(_ values: [Float]) {
    self.init(values.count)
    set(values)
  }

  package subscript(index: Int) -> Float {
    precondition((0..<count).contains(index), "index \(index) of \(count)")
    return start[index]
  }

  deinit { start.deallocate() }

  package var array: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  func set(_ values: [Float]) {
    precondition(values.count == count)
    values.withUnsafeBufferPointer { values in
      guard let first = values.baseAddress else { return }
      start.update(from: first, count: count)
    }
  }

  /// Takes the values of `other`, as many as these.
  package func copy(_ other: Floats) {
    precondition(other.count == count)
    start.update(from: other.start, count: count)
  }

  func clear() { start.update(repeating: 0, count: count) }
}

/// Buffers of gradients that come and go during one step: those of activations that nobody needs any
/// more, and its own where none of these is large enough.
final class FloatPool {
  private var free: [Floats] = []
  private var lent: Set<ObjectIdentifier> = []

  /// The smallest that has room for `count` values, which may be anything.
  func take(_ count: Int) -> Floats {
    let fitting = free.indices.filter { free[$0].count >= count }
    guard let best = fitting.min(by: { free[$0].count < free[$1].count }) else {
      return Floats(count)
    }
    return free.remove(at: best)
  }

  func give(_ floats: Floats) { free.append(floats) }

  /// Gives another's floats until `recall`.
  func lend(_ floats: Floats) {
    lent.insert(ObjectIdentifier(floats))
    give(floats)
  }

  /// Leaves all floats that were lent.
  func recall() {
    free.removeAll { lent.contains(ObjectIdentifier($0)) }
    lent = []
  }
}
