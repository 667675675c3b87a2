internal import NetworkGraph
internal import Tensors

extension Adjoint {
  func averagePool(_ pool: Operator.Pool) -> [Float] {
    let channels = shapes[0].channels
    return filled { result in
      PoolWindow(pool, shapes[0], outputShape).run { outputPixel, pixels in
        for pixel in pixels {
          for c in 0..<channels {
            result[pixel * channels + c] +=
              gradient[outputPixel * channels + c] / Float(pixels.count)
          }
        }
      }
    }
  }

  /// To the first of equal values.
  func maxPool(_ pool: Operator.Pool) -> [Float] {
    let channels = shapes[0].channels
    return filled { result in
      PoolWindow(pool, shapes[0], outputShape).run { outputPixel, pixels in
        for c in 0..<channels {
          let places = pixels.map { $0 * channels + c }
          guard let largest = places.max(by: { inputs[0][$0] < inputs[0][$1] }) else { continue }
          result[largest] += gradient[outputPixel * channels + c]
        }
      }
    }
  }
}
