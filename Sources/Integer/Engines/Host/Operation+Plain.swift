internal import QuantizedIR

extension Operation {
  /// Runs the definition in plain Swift for one image. Operands are copied to `scratch` first: the
  /// output may lie where one of them does.
  func runPlainly(
    _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    scratch: UnsafeMutableRawPointer
  ) {
    let counts = byteCounts
    let (aCount, bCount) = (counts.inputs[0], counts.inputs[counts.inputs.count - 1])
    let copies = scratch.bindMemory(to: Int8.self, capacity: counts.inputs.reduce(0, +))
    copies.initialize(from: a, count: aCount)
    let second = counts.inputs.count == 1 ? copies : copies + aCount
    if counts.inputs.count > 1 { second.initialize(from: b, count: bCount) }
    var destination = UnsafeMutableBufferPointer(start: output, count: counts.output).mutableSpan
    run(
      UnsafeBufferPointer(start: copies, count: aCount).span,
      UnsafeBufferPointer(start: second, count: bCount).span, output: &destination)
  }
}
