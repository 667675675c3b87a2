import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  /// Convolutions whose four sides have 0, 1 or 2 pixels of padding each, in all combinations, with
  /// kernels of one and of nine taps and strides of 1 and 2.
  package static let paddings: [LayerCase] = {
    let kernels =
      [(Extent.unit, Extent.unit), (Extent.unit, Extent(2, 2))]
      + [(Extent(3, 3), Extent.unit), (Extent(3, 3), Extent(2, 2))]
    return (0..<81).flatMap { number -> [LayerCase] in
      let sides = [1, 3, 9, 27].map { number / $0 % 3 }
      let padding = Padding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
      return kernels.flatMap { kernel, stride -> [LayerCase] in
        let geometry = Geometry(
          name: "\(kernel.height)x\(kernel.width)-\(stride.height)-\(sides)", input: Extent(4, 5),
          kernel: kernel, stride: stride, padding: padding, channels: 3)
        var sums = geometry
        sums.outputs = 5
        return [
          conv2D(sums, seed: UInt64(number)), depthwiseConv2D(geometry, seed: UInt64(number)),
        ]
      }
    }
  }()
}
