internal import QuantizedIR

extension Operation {
  /// What the C names of the operation have in common: `mnq_STEM` and, without a curve,
  /// `mnq_STEM_s8` or `mnq_STEM_s16` and `mnq_STEM.c`.
  var stem: String {
    switch self {
    case .conv2D: "conv2d"
    case .depthwiseConv2D: "depthwise_conv2d"
    case .fullyConnected: "fully_connected"
    case .add: "add"
    case .multiply: "multiply"
    case .averagePool: "average_pool"
    case .maxPool: "max_pool"
    case .mean: "mean"
    case .lookup: "lookup"
    case .softmax: "softmax"
    case .extremum: "extremum"
    case .copy: "copy"
    case .wide(let layer): layer.operation.stem + "_wide"
    }
  }

  /// The stem of the kernel: one with a curve is its namesake, compiled for it.
  var kernelStem: String { hasCurve ? stem + "_curve" : stem }

  private var hasCurve: Bool {
    switch self {
    case .conv2D(let layer): layer.curve != nil
    case .depthwiseConv2D(let layer): layer.curve != nil
    case .fullyConnected(let layer): layer.curve != nil
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy, .wide:
      false
    }
  }

  /// Writes the layer's const tables, named after the layer.
  func emitTables(_ name: String, into tables: inout TableSet) {
    switch self {
    case .conv2D(let layer): layer.emitTables(name, weights: layer.weights, into: &tables)
    case .depthwiseConv2D(let layer): layer.emitTables(name, weights: layer.weights, into: &tables)
    case .fullyConnected(let layer): layer.emitTables(name, weights: layer.weights, into: &tables)
    case .lookup(let layer): layer.emitTable(name, into: &tables)
    case .wide(let layer): layer.operation.emitTables(name, into: &tables)
    case .add, .multiply, .averagePool, .maxPool, .mean, .softmax, .extremum, .copy: break
    }
  }

  /// Writes the initializers of the struct's fields, in order; `tables` begins the names of tables.
  func emitFields(_ tables: String, into c: inout CWriter) {
    switch self {
    case .conv2D(let layer): layer.emitFields(tables, into: &c)
    case .depthwiseConv2D(let layer): layer.emitFields(tables, into: &c)
    case .fullyConnected(let layer): layer.emitFields(tables, into: &c)
    case .add(let layer): layer.emitFields(into: &c)
    case .multiply(let layer): layer.emitFields(into: &c)
    case .averagePool(let layer): layer.emitFields(into: &c)
    case .maxPool(let layer): layer.emitFields(into: &c)
    case .mean(let layer): layer.emitFields(into: &c)
    case .lookup(let layer): layer.emitFields(tables, into: &c)
    case .softmax(let layer): layer.emitFields(into: &c)
    case .extremum(let layer): layer.emitFields(into: &c)
    case .copy(let layer): layer.emitFields(into: &c)
    case .wide(let layer):
      c.braced(".layer =", closing: "},") { c in layer.operation.emitFields(tables, into: &c) }
      layer.emitBits(into: &c)
    }
  }
}
