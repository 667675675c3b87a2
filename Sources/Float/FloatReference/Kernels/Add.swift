internal import HostKernels
internal import Tensors

/// The sum of two tensors, where an axis of 1 stretches to the other's.
struct AddKernel: Sendable {
  private let broadcast: Broadcast?

  init(_ inputs: [Shape], _ output: Shape) {
    broadcast = inputs[0] == inputs[1] ? nil : Broadcast(inputs, output)
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ clamp: ClosedRange<Float>
  ) {
    let (count, to) = (output.count, output.baseAddress)
    guard let broadcast else {
      mnqh_add_f32(count, a.baseAddress, b.baseAddress, clamp.lowerBound, clamp.upperBound, to)
      return
    }
    broadcast.run { output[$0] = a[$1] + b[$2] }
    mnqh_clamp_f32(count, to, clamp.lowerBound, clamp.upperBound, to)
  }
}
