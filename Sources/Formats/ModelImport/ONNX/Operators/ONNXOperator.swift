internal import NetworkGraph
internal import ONNXSchema

/// How one kind of ONNX node is read.
struct ONNXOperator: Sendable {
  typealias Conversion =
    @Sendable (inout ONNXImporter, ONNXNode) throws(NodeProblem) -> ONNXValue
  typealias ConversionOfMany =
    @Sendable (inout ONNXImporter, ONNXNode) throws(NodeProblem) -> [ONNXValue]

  /// The attributes that are understood; any other is an error.
  let attributes: Set<String>
  /// Adds what the node does to the float graph and says what its outputs stand for, the first alone
  /// where the others are for training.
  let convert: ConversionOfMany

  init(_ attributes: Set<String>, _ convert: @escaping Conversion) {
    self.attributes = attributes
    self.convert = { importer, node throws(NodeProblem) in [try convert(&importer, node)] }
  }

  private init(_ attributes: Set<String>, all convert: @escaping ConversionOfMany) {
    self.attributes = attributes
    self.convert = convert
  }

  /// An operator of sizes and other constants.
  private static func ofConstants(
    _ attributes: Set<String>, _ convert: @escaping Conversion
  ) -> ONNXOperator {
    .init(attributes) { importer, node throws(NodeProblem) in
      guard !node.readsComputed else {
        throw .ofComputedValues(WayOut(onnx: node.operation, domain: ""))
      }
      return try convert(&importer, node)
    }
  }

  /// This operator of values, and `sizes` where all that a node reads is known.
  private func orOfConstants(_ sizes: ONNXOperator) -> ONNXOperator {
    ONNXOperator(
      attributes.union(sizes.attributes),
      all: { importer, node throws(NodeProblem) in
        try node.readsComputed ? convert(&importer, node) : sizes.convert(&importer, node)
      })
  }

  /// A comparison of computed values; see `ONNXImporter.comparison`.
  private static func comparison(isSwapped: Bool, isOpposite: Bool) -> ONNXOperator {
    .init([]) { importer, node throws(NodeProblem) in
      try importer.comparison(node, isSwapped: isSwapped, isOpposite: isOpposite)
    }
  }

  /// An operator of two constants, number by number.
  private static func ofCombinedConstants(_ attributes: Set<String> = []) -> ONNXOperator {
    ofConstants(attributes) { importer, node throws(NodeProblem) in try importer.combination(node) }
  }

  /// The operators that read a view whatever it is: for all others its values come to places of their
  /// own first.
  static let takesAnyView = Set([
    "Add", "BatchNormalization", "Cast", "Concat", "DepthToSpace", "Div", "Dropout", "Expand",
    "Flatten", "Gather",
    "Einsum", "Gemm", "HardSwish", "Identity", "LogSoftmax", "MatMul", "Max", "Mean", "Min", "Mul",
    "Relu", "Reshape",
    "Shape", "Sigmoid", "Slice", "Softmax", "SpaceToDepth", "Split", "Squeeze", "Sub", "Sum",
    "Tile",
    "Transpose", "Unsqueeze",
  ]).union(Reduction.all.keys)

  /// What reads codes and says nothing of their values.
  static let readsCodes: Set<String> = ["DequantizeLinear", "Shape", "Size"]

  /// Whether `name` moves, repeats or chooses values, codes as well as real ones.
  static func passesCodes(_ name: String) -> Bool {
    [
      "Clip", "Concat", "DepthToSpace", "Dropout", "Expand", "Flatten", "Gather", "GlobalMaxPool",
      "Identity", "MaxPool", "Pad", "Reshape", "Resize", "Slice", "SpaceToDepth", "Split",
      "Squeeze",
      "Tile", "Transpose", "Unsqueeze", "Upsample",
    ].contains(name)
  }

  /// Whether the outputs of `node` are codes.
  static func writesCodes(_ node: Onnx_NodeProto) -> Bool {
    guard let form = ONNXIntegerForm.all[node.opType] else {
      return node.opType == "QuantizeLinear"
    }
    return node.input.indices.contains(form.output) && !node.input[form.output].isEmpty
  }

  /// Every supported operator of the default domain, by its name in ONNX.
  static let all: [String: ONNXOperator] =
    network.merging(functions) { first, _ in first }.merging(reductions) { first, _ in first }
    .merging(shapes) { values, sizes in values.orOfConstants(sizes) }

  /// The operator of this name; `nil` for one that is not supported.
  static func known(_ name: String, domain: String) -> ONNXOperator? {
    switch domain {
    case "", "ai.onnx": all[name] ?? (ONNXIntegerForm.isStandard(name) ? quantized[name] : nil)
    case "com.microsoft": quantized[name]
    // What this tool's own files put in front of QuantizeLinear, which rounds alike but for ties.
    case "mnquant": name == "Requantize" ? all["Identity"] : nil
    default: nil
    }
  }

  /// What computes with codes.
  static let quantized: [String: ONNXOperator] = [
    "QuantizeLinear": .init(["axis", "block_size", "output_dtype", "precision", "saturate"]) {
      importer, node throws(NodeProblem) in try importer.quantizeLinear(node)
    },
    "DequantizeLinear": .init(["axis", "block_size", "output_dtype"]) {
      importer, node throws(NodeProblem) in try importer.dequantizeLinear(node)
    },
  ].merging(
    ONNXIntegerForm.all.map { name, form in
      let attributes = all[form.operation]?.attributes ?? []
      return (
        name,
        ONNXOperator(attributes.union(form.attributes)) { importer, node throws(NodeProblem) in
          try importer.convert(node, form)
        }
      )
    }
  ) { first, _ in first }

  /// What becomes a node of the float graph.
  private static let network: [String: ONNXOperator] = [
    "Conv": .init(["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"]) {
      importer, node throws(NodeProblem) in try importer.conv(node)
    },
    "ConvTranspose": .init([
      "auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads",
      "strides",
    ]) {
      importer, node throws(NodeProblem) in try importer.convTranspose(node)
    },
    "Resize": .init([
      "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
      "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode",
    ]) {
      importer, node throws(NodeProblem) in try importer.resize(node)
    },
    "Upsample": .init(["mode", "scales"]) {
      importer, node throws(NodeProblem) in try importer.resize(node)
    },
    "BatchNormalization": .init(["epsilon", "momentum", "spatial", "training_mode"]) {
      importer, node throws(NodeProblem) in try importer.batchNormalization(node)
    },
    "Gemm": .init(["alpha", "beta", "transA", "transB"]) {
      importer, node throws(NodeProblem) in try importer.gemm(node)
    },
    "MatMul": .init([]) {
      importer, node throws(NodeProblem) in try importer.matMul(node)
    },
    "Einsum": .init(["equation"]) {
      importer, node throws(NodeProblem) in try importer.einsum(node)
    },
    "Add": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .add)
    },
    "Sub": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .subtract)
    },
    "Mul": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .multiply)
    },
    "Div": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .divide)
    },
    "Sum": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .add)
    },
    "Mean": .init([]) {
      importer, node throws(NodeProblem) in try importer.meanOfInputs(node)
    },
    "Max": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .maximum)
    },
    "Min": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .minimum)
    },
    "Neg": .init([]) {
      importer, node throws(NodeProblem) in try importer.negation(node)
    },
    "Greater": .comparison(isSwapped: false, isOpposite: false),
    "Less": .comparison(isSwapped: true, isOpposite: false),
    "LessOrEqual": .comparison(isSwapped: false, isOpposite: true),
    "GreaterOrEqual": .comparison(isSwapped: true, isOpposite: true),
    "And": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .multiply)
    },
    "Or": .init([]) {
      importer, node throws(NodeProblem) in try importer.arithmetic(node, .maximum)
    },
    "Not": .init([]) {
      importer, node throws(NodeProblem) in try importer.opposite(node, node.value(0))
    },
    "Where": .init([]) {
      importer, node throws(NodeProblem) in try importer.choice(node)
    },
    "Pow": .init([]) {
      importer, node throws(NodeProblem) in try importer.power(node)
    },
    "GlobalAveragePool": .init([]) {
      importer, node throws(NodeProblem) in try importer.globalAveragePool(node)
    },
    "GlobalMaxPool": .init([]) {
      importer, node throws(NodeProblem) in try importer.globalMaxPool(node)
    },
    "LpNormalization": .init(["axis", "p"]) {
      importer, node throws(NodeProblem) in try importer.lpNormalization(node)
    },
    "LpPool": .init([
      "auto_pad", "ceil_mode", "dilations", "kernel_shape", "p", "pads", "strides",
    ]) {
      importer, node throws(NodeProblem) in try importer.lpPool(node, isGlobal: false)
    },
    "GlobalLpPool": .init(["p"]) {
      importer, node throws(NodeProblem) in try importer.lpPool(node, isGlobal: true)
    },
    "AveragePool": .init([
      "auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides",
    ]) {
      importer, node throws(NodeProblem) in try importer.averagePool(node)
    },
    "MaxPool": .init([
      "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides",
    ]) {
      importer, node throws(NodeProblem) in try importer.maxPool(node)
    },
    "Pad": .init(["mode", "pads", "value"]) {
      importer, node throws(NodeProblem) in try importer.pad(node)
    },
    "LogSoftmax": .init(["axis"]) {
      importer, node throws(NodeProblem) in try importer.softmax(node, .logSoftmax)
    },
    "Softmax": .init(["axis"]) {
      importer, node throws(NodeProblem) in try importer.softmax(node)
    },
  ]

  /// What makes one value of many.
  private static let reductions = Reduction.all.mapValues { reduction in
    ONNXOperator(["axes", "keepdims", "noop_with_empty_axes"]) {
      importer, node throws(NodeProblem) in try importer.reduce(node, reduction)
    }
  }

  /// What only says how values are arranged, or computes sizes, and leaves no node.
  private static let shapes: [String: ONNXOperator] = [
    "Identity": .init([]) { _, node throws(NodeProblem) in try node.value(0) },
    "Dropout": .init(["is_test", "ratio", "seed"]) {
      importer, node throws(NodeProblem) in try importer.dropout(node)
    },
    "Cast": .init(["saturate", "to"]) {
      importer, node throws(NodeProblem) in try importer.cast(node)
    },
    "Constant": .init(["value", "value_float", "value_floats", "value_int", "value_ints"]) {
      importer, node throws(NodeProblem) in try importer.constant(node)
    },
    "ConstantOfShape": .init(["value"]) {
      importer, node throws(NodeProblem) in try importer.constantOfShape(node)
    },
    "Flatten": .init(["axis"]) {
      importer, node throws(NodeProblem) in try importer.flatten(node)
    },
    "Reshape": .init(["allowzero", "shape"]) {
      importer, node throws(NodeProblem) in try importer.reshape(node)
    },
    "Squeeze": .init(["axes"]) {
      importer, node throws(NodeProblem) in try importer.squeeze(node)
    },
    "Unsqueeze": .init(["axes"]) {
      importer, node throws(NodeProblem) in try importer.unsqueeze(node)
    },
    "Transpose": .init(["perm"]) {
      importer, node throws(NodeProblem) in try importer.transpose(node)
    },
    "Shape": .init(["end", "start"]) {
      importer, node throws(NodeProblem) in try importer.shape(node)
    },
    "Size": .init([]) {
      importer, node throws(NodeProblem) in try importer.size(node)
    },
    "Expand": .init([]) {
      importer, node throws(NodeProblem) in try importer.expand(node)
    },
    "Tile": .init([]) {
      importer, node throws(NodeProblem) in try importer.tile(node)
    },
    "Range": .ofConstants([]) {
      importer, node throws(NodeProblem) in try importer.range(node)
    },
    "ReduceProd": .ofConstants(["axes", "keepdims", "noop_with_empty_axes"]) {
      importer, node throws(NodeProblem) in try importer.reduceProd(node)
    },
    "Where": .ofConstants([]) {
      importer, node throws(NodeProblem) in try importer.whereChosen(node)
    },
    "Mod": .ofCombinedConstants(["fmod"]), "Equal": .ofCombinedConstants(),
    "Greater": .ofCombinedConstants(), "GreaterOrEqual": .ofCombinedConstants(),
    "Less": .ofCombinedConstants(), "LessOrEqual": .ofCombinedConstants(),
    "And": .ofCombinedConstants(), "Or": .ofCombinedConstants(),
    "Not": .ofConstants([]) {
      importer, node throws(NodeProblem) in
      try importer.mapped(node, { $0 == 0 ? 1 : 0 }, { $0 == 0 ? 1 : 0 })
    },
    "Neg": .ofConstants([]) {
      importer, node throws(NodeProblem) in
      try importer.mapped(node, { $0 == .min ? nil : -$0 }, { -$0 })
    },
    "Ceil": .ofConstants([]) {
      importer, node throws(NodeProblem) in try importer.mapped(node, { $0 }, { $0.rounded(.up) })
    },
    "Floor": .ofConstants([]) {
      importer, node throws(NodeProblem) in try importer.mapped(node, { $0 }, { $0.rounded(.down) })
    },
    "Round": .ofConstants([]) {
      importer, node throws(NodeProblem) in
      try importer.mapped(node, { $0 }, { $0.rounded(.toNearestOrEven) })
    },
    "Gather": .init(["axis"]) {
      importer, node throws(NodeProblem) in try importer.gather(node)
    },
    "Slice": .init(["axes", "ends", "starts", "steps"]) {
      importer, node throws(NodeProblem) in try importer.slice(node)
    },
    "Split": .init(
      ["axis", "num_outputs", "split"],
      all: {
        importer, node throws(NodeProblem) in try importer.split(node)
      }),
    "Concat": .init(["axis"]) {
      importer, node throws(NodeProblem) in try importer.concat(node)
    },
    "DepthToSpace": .init(["blocksize", "mode"]) {
      importer, node throws(NodeProblem) in try importer.depthToSpace(node)
    },
    "SpaceToDepth": .init(["blocksize"]) {
      importer, node throws(NodeProblem) in try importer.spaceToDepth(node)
    },
  ]
}
