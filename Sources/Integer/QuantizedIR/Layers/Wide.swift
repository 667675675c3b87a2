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
package struct Wide: Hashable, Codable, Sendable {
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

extension Operation {
  /// This int8 operation over codes of other widths: a 16-bit layer where one of them has 16.
  package func between(_ inputs: [CodeWidth], _ output: CodeWidth) -> Operation {
    guard inputs.contains(.int16) || output == .int16 else { return self }
    return .wide(Wide(self, inputs: inputs, output: output))
  }

  /// What a 16-bit layer computes, in its int8 form; any other operation itself.
  package var narrow: Operation {
    if case .wide(let layer) = self { layer.operation } else { self }
  }
}
