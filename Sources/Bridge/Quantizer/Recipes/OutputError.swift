internal import Engines
internal import FloatReference
private import Foundation
internal import NetworkGraph
internal import QuantizedIR

/// How far int8 networks' outputs are from the float network's on some images.
struct OutputError {
  private let images: [[Float]]
  /// What the float network makes of each.
  private let exact: [[Float]]

  init(_ graph: Graph, _ images: [[Float]]) {
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    self.images = images
    exact = images.map { reference.run($0, in: arena) }
  }

  /// The power of the float outputs over the power of the difference, in dB.
  func signalToNoise(_ model: QuantizedModel) -> Double {
    let signal = exact.joined().reduce(0) { $0 + Double($1) * Double($1) }
    let noise = noise(model)
    return noise > 0 ? 10 * log10(signal / noise) : .infinity
  }

  /// The power of the difference, in squared units of the output.
  func noise(_ model: QuantizedModel) -> Double {
    var runtime = HostArena(HostModel(model))
    var noise = 0.0
    for (image, exact) in zip(images, exact) {
      let codes = runtime.run(image.map { model.inputTensor.code(Double($0)) })
      for (real, code) in zip(exact, codes) {
        let difference = Double(real) - model.outputTensor.real(code)
        noise += difference * difference
      }
    }
    return noise
  }
}
