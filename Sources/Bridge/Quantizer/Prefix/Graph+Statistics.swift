internal import Calibration
internal import FloatReference
internal import NetworkGraph
internal import Tensors

extension Graph {
  /// What every tensor is like on `images`, inputs of the network.
  ///
  /// - Parameter progress: Called with the number of images done, and of all.
  func statistics(_ images: [[Float]], progress: (Int, Int) -> Void) -> [TensorStatistics] {
    var statistics = tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(self)
    let arena = reference.makeArena()
    for (number, image) in images.enumerated() {
      _ = reference.run(image, in: arena) { tensor, values in
        _ = statistics[tensor].observe(values)
      }
      progress(number + 1, images.count)
    }
    return statistics
  }
}
