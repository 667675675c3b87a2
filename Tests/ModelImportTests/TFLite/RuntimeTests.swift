import Engines
import Files
import Foundation
import ModelImport
import QuantizedIR
import TestSupport
import Testing

/// Operators beyond the conformance kit's, and both runtimes.
@Suite struct RuntimeTests {
  @Test(arguments: TFLiteOracle.all.cases, ExactRuntime.allCases)
  func isExact(_ row: TFLiteOracle.Case, _ runtime: ExactRuntime) throws {
    let model = try int8Model(row.bytes(), name: row.name, exactWith: runtime)
    let codes =
      model.inputIsReal ? model.inputTensor.wrappedCodes(row.input) : row.input.map { Int8($0) }
    let output = BoundModel.plain(model).run(codes)
    let found = model.outputIsReal ? model.outputTensor.reals(output) : output.map { Float($0) }
    #expect(found == row.output(of: runtime))
    #expect(model.provenance.exactWith == runtime)
  }

  /// The runtimes differ where they are said to, so that a test of one does not stand for both.
  @Test func runtimesDiffer() {
    let different = TFLiteOracle.all.cases.filter { $0.litert != $0.tflm }.map(\.name)
    #expect(different.contains("relu6-0"))
  }

  @Test func openSizesAreNamed() throws {
    let path = TFLiteOracle.folder.appending(path: "tflite/open-sizes.tflite").path
    let error = #expect(throws: ImportError.self) { try ModelImporter.load(path: path) }
    #expect(error?.description.contains("leaves open along the axes [0, 1, 2]") == true)
  }

  @Test func anUnsupportedOperatorIsNamed() throws {
    let path = TFLiteOracle.folder.appending(path: "tflite/unsupported.tflite").path
    let error = #expect(throws: ImportError.self) { try ModelImporter.load(path: path) }
    let beginning = "node 'tensor1' (NEG): this operator is not supported; put another "
    #expect(error?.description.hasPrefix(beginning) == true)
  }

  @Test(
    .enabled(if: ConformanceCase.areThere, "the conformance kit is not in ../shared"),
    arguments: ConformanceCase.all)
  func kitIsExactWithTFLM(_ row: ConformanceCase) throws {
    let model = try row.model(exactWith: .tflm)
    let output = BoundModel.plain(model).run(try row.inputCodes(model))
    let bytes =
      model.outputIsReal
      ? NumPyArray(model.outputTensor.reals(output), shape: [output.count]).bytes
      : NumPyArray(output, shape: [output.count]).bytes
    #expect(SHA256.hex(bytes) == TFLiteOracle.all.conformanceTFLM[row.name])
  }
}
