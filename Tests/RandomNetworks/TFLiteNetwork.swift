import Engines
import Foundation
import ModelExport
import ModelImport
import PlainNetworks
import QuantizedIR
import Tensors

/// The way of a random int8 TensorFlow Lite network to a model, and what each of its operators gives.
struct TFLiteNetwork {
  let seed: UInt64
  let sketch: TFLiteSketch

  private var runtime: ExactRuntime { seed / 2 % 2 == 0 ? .litert : .tflm }

  init(seed: UInt64, without: Set<Int>) {
    self.seed = seed
    sketch = TFLiteGenerator.sketch(seed: seed, without: without).sketch
  }

  /// - Throws: `Refusal` or `Failure`.
  func model() throws -> QuantizedModel {
    let imported: ImportedModel
    do throws(ImportError) {
      imported = try ModelImporter.load(
        bytes: Data(sketch.bytes), name: "random", exactWith: runtime)
    } catch {
      throw try Refusal("import", error)
    }
    guard case .quantized(let model) = imported else {
      // Nothing but parameters is int8 in a file without operators.
      throw Failure("import", "an int8 file became a float network")
    }
    try check(model)
    return model
  }

  /// Writes the network to `folder` as it is and as it is exported again, with an input and its
  /// output, for LiteRT to judge.
  func write(to folder: URL) throws {
    guard runtime == .litert else { return }
    let model = try model()
    var draw = Draw(seed: seed, part: 1001)
    let input = draw.codes(model.inputTensor.shape.count)
    let files = [
      "tflite": sketch.bytes, "in": input.map { UInt8(bitPattern: $0) },
      "out": BoundModel.plain(model).run(input).map { UInt8(bitPattern: $0) },
      "exported.tflite": try TFLiteExporter.file(model, for: .litert),
    ]
    for (ending, bytes) in files {
      try Data(bytes).write(to: folder.appending(path: "\(seed).\(ending)"))
    }
  }

  /// Compares every operator's codes with its evaluation in real numbers from the codes that it
  /// read.
  private func check(_ model: QuantizedModel) throws {
    var draw = Draw(seed: seed, part: 1000)
    let values = BoundModel.plain(model).activations(draw.codes(model.inputTensor.shape.count))
    let byName = Dictionary(
      zip(model.tensors.map(\.name), values), uniquingKeysWith: { first, _ in first })
    // TFLM's RELU6 leaves the output's scale out of account.
    for node in sketch.nodes where node.operation != .relu6 || runtime == .litert {
      let tensor = sketch.tensors[node.output]
      guard let found = byName[tensor.name] else {
        throw Failure("operators", "no tensor is called \(tensor.name)")
      }
      let expected = sketch.evaluated(node) {
        sketch.reals($0, byName[sketch.tensors[$0].name] ?? [])
      }
      guard found.count == expected.values.count else {
        throw Failure("operators", "\(tensor.name) has \(found.count) values")
      }
      for (code, real) in zip(found, expected.values) {
        let exact = real / Double(tensor.scales[0]) + Double(tensor.zeroPoints[0])
        let difference = abs(Double(code) - min(max(exact, -128), 127))
        guard difference <= node.operation.tolerance else {
          throw Failure(
            "operators",
            "\(tensor.name) (\(node.operation)) holds \(code); expected \(exact)")
        }
      }
    }
  }
}

extension TFLiteSketch.Operation {
  /// How many codes the runtime's integers may be off the exact result: a half, what the rounding
  /// of factors in 31 bits and of sums in two steps adds, and what tables of 16 bits do.
  fileprivate var tolerance: Double {
    switch self {
    case .reshape, .pad, .tile, .transpose, .concatenation, .maximum, .minimum, .reverse: 1e-3
    case .averagePool, .maxPool, .resize: 0.501
    case .logistic, .softmax, .hardSwish, .curve: 2
    case .conv2D, .depthwise, .transposeConv, .fullyConnected, .add, .multiply, .mean, .relu,
      .relu6, .prelu, .quantize, .l2Normalization:
      1
    // Differences are rounded to 1/128 of the common step, then squared.
    case .squaredDifference: 4
    }
  }
}
