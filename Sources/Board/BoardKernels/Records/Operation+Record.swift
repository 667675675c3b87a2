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

  /// The layer's const tables.
  var tables: [LayerTable] {
    switch self {
    case .conv2D(let layer): layer.tables(weights: layer.weights)
    case .depthwiseConv2D(let layer): layer.tables(weights: layer.weights)
    case .fullyConnected(let layer): layer.tables(weights: layer.weights)
    case .lookup(let layer): layer.tables
    case .wide(let layer): layer.operation.tables
    case .add, .multiply, .averagePool, .maxPool, .mean, .softmax, .extremum, .copy: []
    }
  }

  /// What the struct of the kernel that defines the operation holds.
  var record: LayerRecord {
    var record = LayerRecord()
    switch self {
    case .conv2D(let layer): layer.addFields(to: &record)
    case .depthwiseConv2D(let layer): layer.addFields(to: &record)
    case .fullyConnected(let layer): layer.addFields(to: &record)
    case .add(let layer): layer.addFields(to: &record)
    case .multiply(let layer): layer.addFields(to: &record)
    case .averagePool(let layer): layer.addFields(to: &record)
    case .maxPool(let layer): layer.addFields(to: &record)
    case .mean(let layer): layer.addFields(to: &record)
    case .lookup(let layer): layer.addFields(to: &record)
    case .softmax(let layer): layer.addFields(to: &record)
    case .extremum(let layer): layer.addFields(to: &record)
    case .copy(let layer): layer.addFields(to: &record)
    case .wide(let layer):
      record.field("layer", .record(layer.operation.record))
      layer.addBits(to: &record)
    }
    return record
  }
}
