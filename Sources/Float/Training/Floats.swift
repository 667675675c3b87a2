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

/// Buffers of gradients that come and go during one step, by their size.
final class FloatPool {
  private var free: [Int: [Floats]] = [:]

  func take(_ count: Int) -> Floats { free[count]?.popLast() ?? Floats(count) }
  func give(_ floats: Floats) { free[floats.count, default: []].append(floats) }
}
