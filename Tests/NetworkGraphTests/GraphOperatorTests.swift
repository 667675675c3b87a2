import NetworkGraph
import Tensors
import Testing

/// What an operator gets that says nothing but its name and its output's shape.
@Suite struct GraphOperatorTests {
  private struct Absolute: GraphOperator {
    var name: String { "absolute" }
    func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }
  }

  @Test func defaultsAreThoseOfAPlainOperator() {
    let (operation, shape) = (Absolute(), [1, 4, 4, 3] as Shape)
    #expect(operation.operandCount == 1)
    #expect(operation.macs(output: shape) == 0)
    #expect(operation.constantCount == 0 && operation.convolutionBias.isEmpty)
    #expect(operation.int8ConstantBytes == 0)
    #expect(!operation.isElementwise && !operation.keepsValues && !operation.givesProbabilities)
    #expect(operation.elementwiseInput([shape], output: shape) == nil)
    #expect(!operation.isIdentity(on: shape, after: nil))
    #expect(!operation.overrides(.reshape(shape)))
    #expect(operation.followed(by: Operator.BatchNormalization(scale: [1], offset: [0])) == nil)
    #expect(operation.absorbing(.none) == nil)
  }

  /// Padding becomes part of what counts it as nothing, and of no pooling.
  @Test func onlyConvolutionsAndPaddingAbsorbPadding() {
    let ring = Padding(top: 1, left: 1, bottom: 1, right: 1)
    let pool = Operator.Pool(kernel: Extent(2, 2), stride: .unit)
    let conv = Operator.Conv2D(
      weights: [1], bias: [0], kernel: .unit, inputChannels: 1, outputChannels: 1)
    #expect(
      Operator.pad(ring).traits.absorbing(ring)
        == .pad(Padding(top: 2, left: 2, bottom: 2, right: 2)))
    #expect(Operator.averagePool(pool).traits.absorbing(ring) == nil)
    #expect(Operator.maxPool(pool).traits.absorbing(ring) == nil)
    guard case .conv2D(let padded)? = Operator.conv2D(conv).traits.absorbing(ring) else {
      Issue.record("a convolution absorbs padding")
      return
    }
    #expect(padded.padding == ring && padded.weights == conv.weights)
  }
}
