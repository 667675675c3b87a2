internal import Engines
internal import QuantizedIR

/// What the layers quantized so far make of the calibration images: the codes that the next layer
/// will really meet.
struct QuantizedPrefix {
  /// By tensor index, then by image.
  private var codes: [Int: [[Int8]]]

  /// - Parameter images: The codes of the tensor `input`, one array an image.
  init(input: Int, images: [[Int8]]) { codes = [input: images] }

  /// The codes of `tensor`, one array an image.
  subscript(tensor: Int) -> [[Int8]] { codes[tensor] ?? [] }

  /// Runs `layer` on every image.
  mutating func run(_ layer: Layer) {
    let runtime = HostLayer(layer.operation)
    let inputs = layer.inputs.map { self[$0] }
    codes[layer.output] = inputs[0].indices.map { image in
      runtime.run(inputs.map { $0[image] })
    }
  }

  /// Lets `alias` stand for the codes of `tensor`.
  mutating func alias(_ alias: Int, for tensor: Int) { codes[alias] = codes[tensor] }

  /// Lets go of `tensor`, which no further layer reads.
  mutating func forget(_ tensor: Int) { codes[tensor] = nil }
}
