internal import FloatReference
private import Foundation
internal import HostEngine
internal import NetworkGraph
internal import QuantizedIR

/// How far an int8 network's outputs are from the float network's.
enum OutputError {
  /// The power of the float outputs over the power of the difference, in dB, over `images`.
  static func signalToNoise(
    _ graph: Graph, _ model: QuantizedModel, _ images: [[Float]]
  ) -> Double {
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    var runtime = HostArena(HostModel(model))
    var (signal, noise) = (0.0, 0.0)
    for image in images {
      let exact = reference.run(image, in: arena)
      let codes = runtime.run(image.map { model.inputTensor.code(Double($0)) })
      for (real, code) in zip(exact, codes) {
        let difference = Double(real) - model.outputTensor.real(code)
        signal += Double(real) * Double(real)
        noise += difference * difference
      }
    }
    return noise > 0 ? 10 * log10(signal / noise) : .infinity
  }
}
