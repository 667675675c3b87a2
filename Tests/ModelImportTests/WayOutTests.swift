import ModelImport
import Testing

/// What is said about operators that cannot be imported.
@Suite struct WayOutTests {
  @Test(arguments: [
    ("Where", "", WayOut.fixedSizes), ("Mod", "ai.onnx", .fixedSizes), ("If", "", .fixedSizes),
    ("ArgMax", "", .tail), ("NonMaxSuppression", "", .tail), ("TopK", "", .tail),
    ("ConvInteger", "", .floatModel), ("QLinearWhere", "com.microsoft", .floatModel),
    ("FusedConv", "com.microsoft", .unoptimized), ("Conv", "com.microsoft.nchwc", .unoptimized),
    ("aten_mish", "pkg.onnxscript.torch_lib", .inlined), ("Shrink", "", .otherActivation),
    ("GroupNormalization", "", .otherNormalization), ("LSTM", "", .otherNetwork),
    ("ConvTranspose", "", .replaced), ("Anything", "my.own", .replaced),
  ])
  func onnx(_ name: String, _ domain: String, _ expected: WayOut) {
    #expect(WayOut(onnx: name, domain: domain) == expected)
  }

  @Test(arguments: [
    ("SHAPE", true, WayOut.fixedSizes), ("GATHER_ND", false, .fixedSizes),
    ("ARG_MAX", true, .tail), ("SQUARE", false, .otherActivation), ("RNN", true, .otherNetwork),
    ("QUANTIZE", true, .integerModel), ("custom operator FlexErf", true, .builtinsAlone),
    ("STABLEHLO_ADD", true, .builtinsAlone), ("TRANSPOSE_CONV", true, .replaced),
  ])
  func tensorFlowLite(_ kind: String, _ isFloat: Bool, _ expected: WayOut) {
    #expect(WayOut(tensorFlowLite: kind, isFloatModel: isFloat) == expected)
  }

  /// One sentence each, short enough to read, with the place of the list.
  @Test(arguments: WayOut.allCases)
  func sentences(_ wayOut: WayOut) {
    let sentence = NodeProblem.unsupportedOperator(wayOut).description
    #expect(sentence.count < 280 && !sentence.contains("\n") && !sentence.hasSuffix("."))
    #expect(sentence.hasSuffix("`mnquant help operators` lists those that are"))
  }

  /// The lists hold what the importers' own refusals say that they hold.
  @Test func lists() {
    #expect(SupportedOperators.onnx.contains("Conv") && SupportedOperators.onnx.count > 30)
    #expect(SupportedOperators.floatTensorFlowLite.contains("HARD_SWISH"))
    #expect(!SupportedOperators.floatTensorFlowLite.contains("QUANTIZE"))
    #expect(
      Set(SupportedOperators.floatTensorFlowLite).isSubset(
        of: SupportedOperators.int8TensorFlowLite))
    #expect(SupportedOperators.onnx == SupportedOperators.onnx.sorted())
  }
}
