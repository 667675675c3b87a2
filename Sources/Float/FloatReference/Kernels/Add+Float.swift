internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// The sum of two tensors, where an axis of 1 stretches to the other's.
struct AddKernel: FloatKernel {
  private let broadcast: BroadcastOffsets?

  init(_ inputs: [Shape], _ output: Shape) {
    broadcast = inputs[0] == inputs[1] ? nil : BroadcastOffsets(inputs, output)
  }

  func run(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let (count, to, clamp) = (output.count, output.baseAddress, ending.clamp)
    guard let broadcast else {
      mnqh_add_f32(count, a.baseAddress, b.baseAddress, clamp.lowerBound, clamp.upperBound, to)
      return
    }
    broadcast.run { output[$0] = a[$1] + b[$2] }
    mnqh_clamp_f32(count, to, clamp.lowerBound, clamp.upperBound, to)
  }
}

extension Operator.Add: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    AddKernel(inputs, output)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(clampOf: activation) }

  func gradients(_ node: Adjoint) -> [[Float]] { node.broadcast { _, _ in (1, 1) } }
}
