import FixedPoint
import Foundation
import ModelImport
import QuantizedIR
import Tensors
import TestSupport
import Testing

@Suite struct FileTests {
  @Test func missingFile() {
    #expect(throws: ImportError.missing) { try ModelImporter.load(path: "/no/such/file.onnx") }
  }

  @Test func hashIsOfTheFile() throws {
    let path = Locations.models.appending(path: "cifar10-mobilenet-v1.onnx")
      .path
    #expect(
      try ModelImporter.load(path: path).sha256
        == "94dc8d6ae5d80f011cb7e76418cbbf11c3dcdbc10529cf01ec495c7b24559476")
  }

  @Test func unsupportedOperatorOfAnExporter() throws {
    try expectSentence(
      "unsupported.onnx",
      "node '/1/CenterCropPad' (CenterCropPad): this operator is not supported; ")
  }

  @Test func notANumber() throws {
    try expectSentence(
      "nan-weight.onnx",
      "node '/block/block.6/fc1/Conv' (Conv): tensor 'block.6.fc1.weight': expected finite weights, "
        + "found nan at index 7")
  }

  @Test func weightsThatLieElsewhere() throws {
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "external.onnx")
      try FileManager.default.copyItem(
        at: Locations.fixtures.appending(path: "external.onnx"), to: copy)
      let missing = #expect(throws: ImportError.self) { try ModelImporter.load(path: copy.path) }
      #expect(
        missing?.description.hasSuffix(
          "its values are in another file, 'external.onnx.data': there is no such file; check the path"
        ) == true)

      try Data(count: 100).write(to: folder.appending(path: "external.onnx.data"))
      let cut = #expect(throws: ImportError.self) { try ModelImporter.load(path: copy.path) }
      #expect(cut?.description.hasSuffix("found a file of 100 bytes") == true)
    }
  }

  @Test func quantizedModel() throws {
    let tensors = ["in", "out"].map {
      QuantizedTensor(name: $0, shape: [1, 4], scale: 0.5, zeroPoint: 3)
    }
    let table = LookupTable { $0 }
    let layer = Layer(
      name: "l", operation: .lookup(Lookup(function: nil, count: 4, table: table)),
      inputs: [0], output: 1)
    let model = QuantizedModel(
      name: "m", tensors: tensors, layers: [layer], input: 0, output: 1, pixelEncoding: nil,
      labels: [],
      provenance: Provenance(
        tool: "test", source: "s", sourceSHA256: "", recipe: "r", rounding: .double,
        calibration: nil))
    let bytes = try model.fileBytes()
    #expect(try ModelImporter.load(bytes: bytes, name: "m") == .quantized(model))
    let error = #expect(throws: ImportError.self) {
      try ModelImporter.load(bytes: bytes.dropLast(1).prefix(40), name: "m")
    }
    guard case .quantizedModel = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
  }

  private func expectSentence(_ file: String, _ start: String) throws {
    let error = #expect(throws: ImportError.self) {
      try ModelImporter.load(path: Locations.fixtures.appending(path: file).path)
    }
    let found = error?.description ?? "nothing"
    #expect(found.hasPrefix(start), "\(found)")
  }
}
