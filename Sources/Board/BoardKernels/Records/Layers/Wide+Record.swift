internal import QuantizedIR

extension Wide {
  /// The fields of `mnq_STEM_wide` beside the int8 form's struct.
  func addBits(to record: inout LayerRecord) {
    let names = inputs.count == 1 ? ["input"] : ["a", "b"]
    for (name, width) in zip(names, inputs) { record.field("\(name)_bits", width.rawValue) }
    record.field("output_bits", output.rawValue)
  }

  /// The file that the kernel shares with others, where it does.
  var sharedSources: [String] {
    switch operation {
    case .conv2D, .depthwiseConv2D, .fullyConnected: ["mnq_wide.c"]
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy, .wide:
      []
    }
  }
}
