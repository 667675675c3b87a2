import HostKernels
import Tensors
import Testing

struct Conv2DF32Tests {
  @Test(arguments: Window.all)
  func equalsSumsInDouble(window: Window) {
    var random = SplitMix64(seed: UInt64(window.height * 100 + window.taps))
    for (inputs, outputs) in [(1, 1), (3, 16), (3, 17), (8, 7), (17, 33)] {
      let depth = window.taps * inputs
      let matrix = Dense(
        weights: random.floats(outputs * depth), bias: random.floats(outputs), depth: depth)
      let input = random.floats(window.height * window.width * inputs)
      let expected = expectations(window, matrix, input, inputs)
      let ending: Ending = inputs == 3 ? .clamp(0...6) : inputs == 8 ? .hardSwish : .nothing
      let what = "\(window), \(inputs) to \(outputs) channels"
      check(
        run(mnqh_conv2d_f32, window, matrix, input, inputs, ending), expected, ending, what)
      check(
        run(mnqh_conv2d_f32_scalar, window, matrix, input, inputs, ending), expected, ending,
        "scalar, \(what)")
    }
  }

  typealias Kernel = (
    UnsafePointer<mnqh_conv2d_f32_layer>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?,
    UnsafeMutablePointer<Float>?
  ) -> Void

  func run(
    _ kernel: Kernel, _ window: Window, _ matrix: Dense, _ input: [Float], _ inputs: Int,
    _ ending: Ending
  ) -> [Float] {
    let pixels = window.outputHeight * window.outputWidth
    var output = [Float](repeating: .nan, count: pixels * matrix.bias.count)
    matrix.packed().withUnsafeBufferPointer { packed in
      let gemm = mnqh_gemm_f32_layer(
        packed: packed.baseAddress, depth: matrix.depth, columns: matrix.bias.count,
        ending: ending.native)
      var layer = mnqh_conv2d_f32_layer(
        window: window.native, input_channels: inputs, gemm: gemm)
      var scratch = [Float](repeating: .nan, count: mnqh_conv2d_f32_scratch_count(&layer))
      kernel(&layer, input, &output, &scratch)
    }
    return output
  }

  func expectations(_ window: Window, _ matrix: Dense, _ input: [Float], _ inputs: Int)
    -> [Expectation]
  {
    (0..<window.outputHeight * window.outputWidth).flatMap { pixel in
      matrix.bias.indices.map { column in
        var sum = Expectation(bias: matrix.bias[column])
        let row = column * matrix.depth
        window.forEachTap(outY: pixel / window.outputWidth, outX: pixel % window.outputWidth) {
          for c in 0..<inputs {
            sum.add(input[$1 * inputs + c], matrix.weights[row + $0 * inputs + c])
          }
        }
        return sum
      }
    }
  }
}
