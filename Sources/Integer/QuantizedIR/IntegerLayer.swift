package import Tensors

/// What a layer of the integer room says of itself.
///
/// A layer states what it reads and writes and which fields it may have; where it says nothing else,
/// the defaults below hold: a layer without constants or products, that keeps codes of 8 bits, needs
/// all of its input until all of its output is written, and is the same in every runtime.
package protocol IntegerLayer: Hashable, Codable, Sendable {
  /// The names under which model files hold it.
  static var fileKinds: [String] { get }
  /// The one of them for this value. Default: the first.
  var fileKind: String { get }
  /// In messages and reports. Default: `fileKind`.
  var name: String { get }
  /// The layer as a value of the list of all.
  var asOperation: Operation { get }

  /// How many values one image's worth of work reads from each input and writes.
  var valueCounts: (inputs: [Int], output: Int) { get }
  /// How many bits the codes read from each input and written have. Default: 8.
  var widths: (inputs: [CodeWidth], output: CodeWidth) { get }
  /// Whether other layers write the rest of the output. Default: no.
  var isPart: Bool { get }
  /// How many of the output's values it writes. Default: all.
  var writtenCount: Int { get }
  /// Calls `body` with the place of each value written. Default: all places, in order.
  func forEachPlace(_ body: (Int) -> Void)
  /// What the layer subtracts from the codes of each input, and adds to what its sums become: the
  /// codes of real 0. Default: empty and `nil`, for a layer that needs to know none.
  var zeroPoints: (inputs: [Int32], output: Int32?) { get }

  /// Multiplications and accumulations for one image. Default: 0.
  var macs: Int { get }
  /// Weights and biases. Default: 0.
  var parameterCount: Int { get }
  /// Bytes of constants: weights, biases, multipliers, shifts and tables, as emitted. Default: 0.
  var constantBytes: Int { get }

  /// Looks at every number of the layer, by itself and against the others: what passes has
  /// `valueCounts` within `FieldLimit` and no index beyond them.
  ///
  /// - Parameter width: Of the output's codes.
  func checkFields(_ width: CodeWidth) throws(FieldProblem)
  /// Looks at the layer's factors, or what else its tensors' scales must be. Default: any scales.
  ///
  /// - Parameter weightScales: As `Layer.weightScales`.
  func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem)
  /// Looks at what a form over 16-bit codes asks besides. Default: there is no such form.
  ///
  /// - Parameter readsWide: Whether an operand has 16 bits, not the output alone.
  func checkWide(readsWide: Bool) throws(FieldProblem)

  /// Which inputs the kernel `mnq_STEM_s8` in `CRuntime/portable` may write over. Default: none.
  var overlaps: [Overlap] { get }
  /// The same of `mnq_STEM_wide_s16`, over codes of these widths. Default: none.
  func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap]
  /// The operation that computes some rows of the output alone, from as many rows of its inputs as
  /// their windows reach; `nil`, the default, where rows do not follow from rows.
  ///
  /// - Parameter height: Rows of the whole output.
  func part(_ rows: Range<Int>, of height: Int) -> LayerPart?
  /// Whether the rows that the layer goes over are those of tensors of these shapes. Default: no.
  func hasRows(of inputs: [Shape], _ output: Shape) -> Bool

  /// The layer as `runtime` computes it. Default: the layer itself.
  func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation
  /// Whether a network that ends with it gives probabilities. Default: no.
  var givesProbabilities: Bool { get }
  /// Whether it multiplies two tensors. Default: no.
  var isProduct: Bool { get }
  /// Whether it is a function of each value alone. Default: no.
  var isTable: Bool { get }
  /// How many output channels have weights that a scale of their own would express twice as well,
  /// in a layer whose weights have scales by channel as a rule. Default: 0.
  var poorChannels: Int { get }
}

extension IntegerLayer {
  package var fileKind: String { Self.fileKinds[0] }
  package var name: String { fileKind }

  package var widths: (inputs: [CodeWidth], output: CodeWidth) {
    (valueCounts.inputs.map { _ in .int8 }, .int8)
  }
  package var isPart: Bool { false }
  package var writtenCount: Int { valueCounts.output }
  package func forEachPlace(_ body: (Int) -> Void) { (0..<valueCounts.output).forEach(body) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { ([], nil) }

  package var macs: Int { 0 }
  package var parameterCount: Int { 0 }
  package var constantBytes: Int { 0 }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {}

  package func checkWide(readsWide: Bool) throws(FieldProblem) {
    throw FieldProblem(field: "operation", expected: "one that has a 16-bit form", found: name)
  }

  package var overlaps: [Overlap] { valueCounts.inputs.map { _ in .none } }
  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    inputs.map { _ in .none }
  }
  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? { nil }
  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool { false }

  package func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation { asOperation }
  package var givesProbabilities: Bool { false }
  package var isProduct: Bool { false }
  package var isTable: Bool { false }
  package var poorChannels: Int { 0 }
}

/// What computes some rows of a layer's output.
package struct LayerPart: Sendable {
  /// The layer on those rows alone.
  package let operation: Operation
  /// The rows that it reads of each input; `nil` for one that it reads whole.
  package let inputs: [Range<Int>?]
}

/// One operation applied to tensors of a quantized model.
package struct Layer: Hashable, Codable, Sendable {
  /// Unique in its model.
  package var name: String
  /// What to compute. It describes one image; where the tensors hold N, it runs N times.
  package var operation: Operation
  /// Indices of the tensors read.
  package var inputs: [Int]
  /// Index of the tensor written.
  package var output: Int
  /// The real value of one step of the weights of each output channel; empty where the operation
  /// has no weights. A label for readers and exporters: running the layer needs none of it.
  package var weightScales: Constants<Float>

  /// A layer by its parts.
  package init(
    name: String, operation: Operation, inputs: [Int], output: Int,
    weightScales: Constants<Float> = []
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
    self.weightScales = weightScales
  }
}

extension Layer {
  /// Looks at zero points and scales: the layer's against those of the tensors it reads and writes.
  ///
  /// - Parameters:
  ///   - inputs: As many as the operation reads.
  func checkAgreement(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) throws(FieldProblem) {
    let zeroPoints = operation.zeroPoints
    let fields = inputs.count == 1 ? ["inputZeroPoint"] : ["aZeroPoint", "bZeroPoint"]
    for (index, found) in zeroPoints.inputs.enumerated() {
      try check(zeroPoint: found, fields[index], inputs[index])
    }
    if let found = zeroPoints.output { try check(zeroPoint: found, "outputZeroPoint", output) }
    try operation.narrow.traits.checkScales(inputs, output, weightScales)
    guard operation.weighted != nil || weightScales.count == 0 else {
      throw FieldProblem(
        field: "a number of weight scales of", expected: "0", found: "\(weightScales.count)")
    }
  }

  private func check(
    zeroPoint found: Int32, _ field: String, _ tensor: QuantizedTensor
  ) throws(FieldProblem) {
    guard found == tensor.zeroPoint else {
      throw FieldProblem(
        field: field, expected: "\(tensor.zeroPoint), as '\(tensor.name)' has it",
        found: "\(found)")
    }
  }
}
