package import Tensors

/// A layer that reads or writes 16-bit codes: the sums of its int8 form, over codes of other widths.
///
/// - Codes of 16 bits have zero point 0.
/// - A convolution or fully connected layer that reads 16 bits requantizes as TensorFlow Lite's
///   16x8 kernels do (`Requantization.reduced`). Sums stay in 32 bits: the quantizer proves it.
/// - An addition that reads 16 bits shifts its operands by 15 instead of 20.
/// - Everything else is as in the int8 form.
///
/// Twins: `mnq_conv2d_wide` and its like in `CRuntime`. Source: TensorFlow Lite
/// `reference/integer_ops/conv.h`, `add.h`, `kernels/internal/common.cc`.
package struct Wide: IntegerLayer {
  /// `conv2D`, `depthwiseConv2D`, `fullyConnected`, `add`, `multiply` or `mean`.
  package var operation: Operation
  /// Of the codes of each tensor read.
  package var inputs: [CodeWidth]
  /// Of the codes written.
  package var output: CodeWidth

  package init(_ operation: Operation, inputs: [CodeWidth], output: CodeWidth) {
    self.operation = operation
    self.inputs = inputs
    self.output = output
  }

  /// Whether some operand has 16 bits.
  package var readsWide: Bool { inputs.contains(.int16) }

  /// Extra bits below the binary point of an addition's common scale: `Add.leftShift` where there is
  /// room for them.
  package var leftShift: Int32 { readsWide ? Add.wideLeftShift : Add.leftShift }

  /// Pixels whose 16-bit codes add up within 32 bits.
  package static let mostPixels = 1 << 15
}

extension Wide {
  package static var fileKinds: [String] { ["wide"] }
  package var asOperation: Operation { .wide(self) }
  package var name: String { "\(operation.name) 16-bit" }
  package var valueCounts: (inputs: [Int], output: Int) { operation.valueCounts }
  package var widths: (inputs: [CodeWidth], output: CodeWidth) { (inputs, output) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { operation.zeroPoints }
  package var macs: Int { operation.macs }
  package var parameterCount: Int { operation.traits.parameterCount }
  package var constantBytes: Int { operation.constantBytes }
  package var isProduct: Bool { operation.traits.isProduct }
  package var overlaps: [Overlap] { operation.traits.wideOverlaps(inputs, output) }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    operation.traits.part(rows, of: height).map { part in
      LayerPart(
        operation: part.operation.between(inputs, output), inputs: part.inputs)
    }
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    operation.traits.hasRows(of: inputs, output)
  }

  /// The int8 form's numbers for codes of these widths, and that there is such a form.
  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    guard readsWide || output == .int16 else {
      throw FieldProblem(field: "widths", expected: "16 bits on one side", found: "8 on both")
    }
    try operation.traits.checkWide(readsWide: readsWide)
    try operation.traits.checkFields(output)
    try FieldProblem.require(
      inputs.count, "a number of inputs of", is: operation.valueCounts.inputs.count)
  }
}

extension QuantizedModel {
  /// This int8 model with codes of 16 bits in `wide`, tensors that own their bytes. Its memory plan
  /// is right; its constants are still those of int8.
  package func widened(_ wide: Set<Int>) -> QuantizedModel {
    var model = self
    for tensor in tensors.indices where wide.contains(storage(of: tensor)) {
      model.tensors[tensor].width = .int16
    }
    for (index, layer) in layers.enumerated() {
      model.layers[index].operation = layer.operation.between(
        layer.inputs.map { model.tensors[$0].width }, model.tensors[layer.output].width)
    }
    return model
  }
}
