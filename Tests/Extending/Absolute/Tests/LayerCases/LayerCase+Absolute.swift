internal import QuantizedIR
internal import Tensors

extension LayerCase {
  static let absolute: [LayerCase] = [(1, -128), (3, 127), (17, 0), (256, -5)].map {
    count, zeroPoint in
    LayerCase(
      "absolute-\(count)", .absolute(Absolute(count: count, zeroPoint: Int32(zeroPoint))),
      input: Shape([1, count]), output: Shape([1, count]))
  }
}
