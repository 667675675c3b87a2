import Files
import FixedPoint
import Foundation
import LayerCases
import QuantizedIR
import Tensors
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

  /// Whatever the scales of a sum are, a file of it can be read: factors may be too small for 31 bits.
  @Test func sumsOfAnyScalesRoundTrip() throws {
    let row = try #require(LayerCase.all.first { $0.name.hasPrefix("add-") })
    let old = row.model.layers[0]
    guard case .add(let sum) = old.operation else {
      Issue.record("the row is no sum")
      return
    }
    var (written, refused) = (0, 0)
    let exponents = Array(stride(from: -60, through: 60, by: 10))
    for a in exponents {
      for b in exponents {
        for output in exponents {
          var model = row.model
          for (tensor, exponent) in zip(old.inputs + [old.output], [a, b, output]) {
            model.tensors[tensor].scale = 1.375 * exp2(Double(exponent))
          }
          guard
            let changed = try? Add(
              a: model.tensors[old.inputs[0]], b: model.tensors[old.inputs[1]],
              output: model.tensors[old.output], broadcast: sum.broadcast, clamp: sum.clamp,
              rounding: sum.rounding)
          else {
            refused += 1
            continue
          }
          model.layers[0].operation = .add(changed)
          let again = try? QuantizedModel(fileBytes: model.fileBytes())
          #expect(again == model, "2^\(a) + 2^\(b) as 2^\(output)")
          written += 1
        }
      }
    }
    #expect(written > 1000 && refused > 0)
  }

  /// Pictures alone get a table of 256 codes a channel: more channels than any sensor has would
  /// take memory that no file of theirs accounts for.
  @Test(arguments: [1, 3, 65_536, 65_537, 1 << 21])
  func tablesOfPixelsAreForPictures(_ channels: Int) throws {
    let codes = PixelEncoding(
      preprocessing: .unit(channels: channels), input: SmallNetwork.model.inputTensor)?.codes
    #expect(codes?.count == (channels <= 65_536 ? 256 * channels : nil))
  }

  /// A factor of 0 is an error where the scales give another.
  @Test(arguments: 0..<3) func noFactorOfASumIsLost(_ number: Int) throws {
    let field = [\Add.aFactor, \Add.bFactor, \Add.outputFactor][number]
    let row = try #require(LayerCase.all.first { $0.name.hasPrefix("add-") })
    var model = row.model
    guard case .add(var sum) = model.layers[0].operation else {
      Issue.record("the row is no sum")
      return
    }
    sum[keyPath: field] = try Requantization(factor: 0x1p-40)
    model.layers[0].operation = .add(sum)
    let bytes = try model.fileBytes()
    #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes) }
  }

  /// Kernels take 16-bit codes as they are, so that a zero point would part the engines.
  @Test func wideCodesHaveNoZeroPoint() throws {
    let row = try #require(LayerCase.all.first { $0.name == "wide-16-16-conv2d-one-pixel" })
    var model = row.model
    guard case .wide(var layer) = model.layers[1].operation,
      case .conv2D(var conv) = layer.operation
    else {
      Issue.record("the row's second layer is no 16-bit convolution")
      return
    }
    conv.inputZeroPoint = 1
    layer.operation = .conv2D(conv)
    model.layers[1].operation = .wide(layer)
    let bytes = try model.fileBytes()
    #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes) }
  }

  /// Engines subtract a zero point from a code, which must not leave 32 bits.
  @Test(arguments: [Int32.min, -129, 128, .max])
  func zeroPointsAreCodes(_ zeroPoint: Int32) throws {
    let row = try #require(LayerCase.all.first { $0.name == "conv2d-stem" })
    var model = row.model
    guard case .conv2D(var layer) = model.layers[0].operation else {
      Issue.record("the row is no convolution")
      return
    }
    layer.inputZeroPoint = zeroPoint
    model.layers[0].operation = .conv2D(layer)
    let bytes = try model.fileBytes()
    #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes) }
  }

  /// Only the input's codes may stand for real values that do not begin at 0.
  @Test func theInputAloneHasARealOffset() throws {
    let row = try #require(LayerCase.all.first { $0.name == "conv2d-stem" })
    var model = row.model
    let half = model.inputTensor.scale / 2
    model.tensors[model.input].realOffset = half
    #expect(try QuantizedModel(fileBytes: model.fileBytes()) == model)
    var (far, other) = (model, model)
    far.tensors[model.input].realOffset = 1e300
    other.tensors[model.output].realOffset = half
    for broken in [far, other] {
      let bytes = try broken.fileBytes()
      #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes) }
    }
  }

  /// A scale is divided by as a 32-bit float, which must not make nothing or infinity of it.
  @Test(arguments: [0, 1e-60, 1e300, -1]) func scalesAre32BitFloats(_ scale: Double) throws {
    var model = try #require(LayerCase.all.first { $0.name == "conv2d-stem" }).model
    model.tensors[model.input].scale = scale
    let bytes = try model.fileBytes()
    #expect(throws: ModelFileError.self) { try QuantizedModel(fileBytes: bytes) }
  }

  @Test func anotherContainerIsNamed() throws {
    let file = try Safetensors(tensors: [:], metadata: [:]).bytes()
    #expect(throws: ModelFileError.notAModel) { try QuantizedModel(fileBytes: file) }
  }
}
