internal import QuantizedIR
internal import Tensors

/// A sliding window as other formats can express it.
struct ExportedWindow {
  let input: Extent
  let output: Extent
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  /// Rows above and columns to the left.
  let padding: Extent

  enum Spelling {
    case same
    case valid
    /// Explicit padding, then VALID.
    case padded(Padding)
  }

  var spelling: Spelling {
    let same = Padding.same(input: input, kernel: kernel, stride: stride, dilation: dilation)
    if same.top == padding.height, same.left == padding.width, size(same) == output {
      return .same
    }
    if padding == Extent(0, 0), size(.none) == output { return .valid }
    return .padded(sides)
  }

  /// The zeros on all four sides.
  var sides: Padding {
    Padding(
      top: padding.height, left: padding.width,
      bottom: missing(
        output.height, input.height + padding.height, kernel.height, stride.height,
        dilation.height),
      right: missing(
        output.width, input.width + padding.width, kernel.width, stride.width, dilation.width))
  }

  private func size(_ padding: Padding) -> Extent? {
    padding.output(input: input, kernel: kernel, stride: stride, dilation: dilation)
  }

  /// How much the last window reaches past `size`.
  private func missing(
    _ output: Int, _ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int
  ) -> Int {
    max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - size)
  }
}

extension ExportedWindow {
  init(_ window: Window) {
    self.init(
      input: window.input, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: window.padding)
  }
}

/// Why an int8 model cannot be written in another format. The sentences leave the model's name to
/// the caller.
package enum ExportError: Error, Hashable {
  /// A table that holds another function than the format's operator computes.
  case table(layer: String, function: String, differences: Int, runtime: String)
  /// A function of one code that the format has no operator for.
  case function(layer: String, function: String)
  /// A function of the 16 bits that a layer keeps of its sums.
  case curve(layer: String, function: String)
  /// A layer that reads or writes 16-bit codes.
  case wide(layer: String)
  /// A layer whose integers do not follow from its tensors' scales as the runtime derives them.
  case arithmetic(layer: String, operation: String, what: String, runtime: String)
  /// A layer of a form that the format has no operator for.
  case inexpressible(layer: String, operation: String, what: String)
}

extension ExportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .table(let layer, let function, let differences, let runtime):
      "layer '\(layer)': the table of \(function) is the correctly rounded function, and "
        + "\(runtime) computes \(differences) of its 256 codes otherwise; make the model with "
        + "`mnquant quantize --exact-with \(runtime)`, which takes the runtime's own table"
    case .function(let layer, let function):
      "layer '\(layer)': the format has no operator for the table of \(function)"
    case .curve(let layer, let function):
      "layer '\(layer)': the format has no operator for \(function) of the layer's sums at 16 bits; "
        + "make the model without --int16"
    case .wide(let layer):
      "layer '\(layer)': some of its tensors have 16-bit codes and others 8, which the format's "
        + "operators do not mix; make the model without --int16"
    case .arithmetic(let layer, let operation, let what, let runtime):
      "layer '\(layer)' (\(operation)): \(what) is not what \(runtime) derives from the scales; "
        + "make the model with `mnquant quantize --exact-with \(runtime)`"
    case .inexpressible(let layer, let operation, let what):
      "layer '\(layer)' (\(operation)): the format has no operator for \(what)"
    }
  }
}
