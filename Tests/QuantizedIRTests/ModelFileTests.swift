import Files
import Foundation
import LayerCases
import QuantizedIR
import Testing

@Suite struct ModelFileTests {
  @Test(arguments: LayerCase.all)
  func roundTrips(_ row: LayerCase) throws {
    let bytes = try row.model.fileBytes()
    #expect(try QuantizedModel(fileBytes: bytes) == row.model)
    #expect(try row.model.fileBytes() == bytes)
  }

  @Test func weightsAreTensorsOfTheContainer() throws {
    let row = try #require(LayerCase.all.first { $0.name == "conv2d-stem" })
    let file = try Safetensors(bytes: row.model.fileBytes())
    guard case .conv2D(let layer) = row.model.layers[0].operation else {
      Issue.record("the row is no convolution")
      return
    }
    let weights = try #require(file.tensors["layers.0.weights"])
    #expect(weights.dtype == "I8")
    #expect(weights.integers(Int8.self) == layer.weights.values)
    #expect(file.tensors["layers.0.bias"]?.integers(Int32.self) == layer.bias.values)
  }

  /// A file cut off anywhere, or with any one byte changed, is an error or another valid model.
  @Test func damageThrows() throws {
    let row = try #require(LayerCase.all.first { $0.name == "depthwise-conv2d-multiplier-8" })
    let bytes = try row.model.fileBytes()
    for count in 0..<bytes.count {
      #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes.prefix(count)) }
    }
    var unchanged = 0
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x15
      if let model = try? QuantizedModel(fileBytes: damaged), model == row.model { unchanged += 1 }
    }
    // Only the eight bytes of padding at most may change without being noticed.
    #expect(unchanged <= 8)
  }

  @Test func anotherContainerIsNamed() throws {
    let file = try Safetensors(tensors: [:], metadata: [:]).bytes()
    #expect(throws: ModelFileError.notAModel) { try QuantizedModel(fileBytes: file) }
  }
}
