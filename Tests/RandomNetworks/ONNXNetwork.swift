import Calibration
import Engines
import FixedPoint
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import PlainNetworks
import QuantizedIR
import Quantizer
import SwiftProtobuf
import Tensors

/// The way of a random ONNX network to an int8 model.
struct ONNXNetwork {
  let seed: UInt64
  let sketch: ONNXSketch

  private static let images = 4

  init(seed: UInt64, without: Set<Int>) {
    self.seed = seed
    sketch = ONNXGenerator.sketch(seed: seed, without: without).sketch
  }

  /// The int8 models, by each of the recipes; the first one, by another for each seed, now and then
  /// with 16-bit codes.
  ///
  /// - Throws: `Refusal` or `Failure`.
  func models() throws -> [QuantizedModel] {
    let graph: Graph
    do throws(ImportError) {
      let imported = try ModelImporter.load(bytes: try bytes, name: "random")
      guard case .float(let found) = imported else {
        throw ImportError.notAModel
      }
      graph = found
    } catch {
      throw try Refusal("import", error)
    }
    try check(graph, "float")
    let simplified = graph.simplified()
    try check(simplified, "simplified")
    var models = try quantized(simplified)
    if seed % 3 == 0 { models.append(try quantizedAsInFile(simplified)) }
    return models
  }

  /// The int8 model of the same network with codes of a file's choosing.
  private func quantizedAsInFile(_ graph: Graph) throws -> QuantizedModel {
    var draw = Draw(seed: seed, part: 3000)
    let (table, images) = try calibrated(graph)
    let coded = try graph.withCodes(table, &draw)
    let (ranges, _) = try calibrated(coded)
    let reference = FloatReference(coded)
    let arena = reference.makeArena()
    return try quantized(
      coded, ranges, images, Recipe.fast.passes, Recipe.fast.rawValue,
      exact: images.map { reference.run($0, in: arena) })
  }

  private var bytes: Data {
    get throws(ImportError) {
      do { return try sketch.model.serializedBytes() } catch { throw .notAModel }
    }
  }

  /// An input in ONNX's order of axes.
  private func input(_ number: Int) -> [Double] {
    var draw = Draw(seed: seed, part: 1000 + number)
    return (0..<sketch.inputSizes.reduce(1, *)).map { _ in Double(Float(draw.real(0...1))) }
  }

  /// Compares with the evaluation by the book.
  private func check(_ graph: Graph, _ stage: String) throws(Failure) {
    for number in 0..<2 {
      let (most, largest) = graph.distance(from: sketch, input(number))
      guard most <= 1e-3 * largest else {
        throw Failure(stage, "differs by \(most) of \(largest) from the evaluation by the book")
      }
    }
  }

  /// What every tensor is like, and the inputs that say so.
  private func calibrated(_ graph: Graph) throws -> (CalibrationTable, images: [[Float]]) {
    let images = (0..<Self.images).map { number in
      PlainTensor(sketch.inputSizes, input(number)).values.map { Float($0) }
    }
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    for image in images {
      _ = try reference.run(image, in: arena) { tensor, values throws(Failure) in
        if let value = statistics[tensor].observe(values) {
          throw Failure("calibrate", "tensor \(tensor) holds \(value)")
        }
      }
    }
    let table = CalibrationTable(
      tool: "test", model: CalibratedModel(file: "", sha256: ""),
      preprocessing: graph.preprocessing,
      sample: CalibrationSample(
        dataset: "random", path: "", split: "train", recordCount: images.count,
        imageCount: images.count, sha256: ""),
      shards: .whole, method: .minMax, names: graph.tensors.map(\.name), statistics: statistics)
    return (table, images)
  }

  private func quantized(_ graph: Graph) throws -> [QuantizedModel] {
    let (table, images) = try calibrated(graph)
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    let exact = images.map { reference.run($0, in: arena) }
    return try Recipe.allCases.indices.map { place in
      let recipe = Recipe.allCases[(place + Int(seed % 3)) % Recipe.allCases.count]
      var passes = recipe.passes
      if place == 0, seed % 5 == 0 { passes.int16 = .preActivation }
      if place == 0, seed % 7 == 0 { passes.int16 = .automatic(growth: nil) }
      return try quantized(graph, table, images, passes, recipe.rawValue, exact: exact)
    }
  }

  private func quantized(
    _ graph: Graph, _ table: CalibrationTable, _ images: [[Float]], _ passes: Passes,
    _ recipe: String, exact: [[Float]]
  ) throws -> QuantizedModel {
    let model: QuantizedModel
    do throws(QuantizationError) {
      model = try passes.quantize(
        graph, table, images: images,
        provenance: Provenance(
          tool: "test", source: "random", sourceSHA256: "", recipe: recipe, rounding: .double,
          calibration: nil))
    } catch {
      throw try Refusal("quantize", error)
    }
    guard model.outputTensor.shape == graph.outputShape else {
      throw Failure("quantize", "the output has another shape than the float network's")
    }
    // Near a jump the next code is far off, which tells nothing where all of the output is on one side.
    if !graph.hasJump || exact.contains(where: { $0.contains { $0 != 0 } }) {
      try checkAccuracy(of: model, images, exact: exact)
    }
    return model
  }

  /// Whether the int8 network does about what the float one does: a layer that computes something
  /// else, or on the wrong channels, leaves nothing of it.
  private func checkAccuracy(
    of model: QuantizedModel, _ images: [[Float]], exact: [[Float]]
  ) throws(Failure) {
    let engine = BoundModel.plain(model)
    var (signal, noise) = (0.0, 0.0)
    for (image, exact) in zip(images, exact) {
      let codes = engine.run(image.map { model.inputTensor.code(Double($0)) })
      for (real, code) in zip(exact, codes) {
        let difference = Double(real) - model.outputTensor.real(code)
        signal += Double(real) * Double(real)
        noise += difference * difference
      }
    }
    let values = Double(images.count * model.outputTensor.shape.count)
    let steps = (noise / values).squareRoot() / model.outputTensor.scale
    guard noise <= Self.mostNoise * signal || steps <= Self.mostSteps else {
      throw Failure("accuracy", "noise of \(noise / signal) of the output, \(steps) steps")
    }
  }

  /// Of the output's power; and in steps of its codes, where there is next to no output.
  private static let (mostNoise, mostSteps) = (0.3, 8.0)
}

extension Graph {
  /// Whether some function jumps.
  fileprivate var hasJump: Bool {
    nodes.contains { node in
      if case .activation(.thresholdedRelu) = node.operation { true } else { false }
    }
  }
}
