import Engines
import Files
import ModelImport
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Every model of the conformance kit, byte for byte as LiteRT's reference kernels compute it.
@Suite(.enabled(if: ConformanceCase.areThere, "the conformance kit is not in ../shared"))
struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func isExact(_ row: ConformanceCase) throws {
    let model = try row.model()
    let output = BoundModel.plain(model).run(try row.inputCodes(model))
    let expected = try row.array("expected")
    #expect(expected.shape == model.outputTensor.shape.dimensions)
    if model.outputIsReal {
      #expect(model.outputTensor.reals(output) == expected.values(Float.self))
    } else {
      #expect(output == expected.values(Int8.self))
    }
  }

  @Test(arguments: ConformanceCase.all)
  func fileAndPlanHoldTheModel(_ row: ConformanceCase) throws {
    let model = try row.model()
    #expect(try QuantizedModel(fileBytes: model.fileBytes()) == model)
    #expect(MemoryPlan(model).fault(in: model) == nil)
  }
}
