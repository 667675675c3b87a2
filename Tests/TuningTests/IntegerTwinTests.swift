import Calibration
import Datasets
import Engines
import FixedPoint
import MobileNets
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing
import Training
import Tuning

/// A training network that computes what its int8 network does.
@Suite struct IntegerTwinTests {
  private let folder: TemporaryFolder
  private let images: Dataset

  init() throws {
    folder = try TemporaryFolder()
    images = try folder.tinyImages(96)
  }

  /// Of every family, with what each has that others have not: squeeze and excitation, sums, curves,
  /// 16-bit codes.
  struct Case: CustomTestStringConvertible, Sendable {
    let architecture: String
    let passes: Passes

    var testDescription: String { "\(architecture) \(passes.int16)" }

    static let all = [
      Case(architecture: "mobilenet-v1-small,width=0.25,classes=10", passes: Recipe.minmax.passes),
      Case(
        architecture: "mobilenet-v2,width=0.1,resolution=32,classes=10,small-images",
        passes: Recipe.fast.passes),
      Case(
        architecture: "mobilenet-v3-small,width=0.25,resolution=32,classes=10,small-images",
        passes: Recipe.fast.passes),
      Case(
        architecture: "mobilenet-v3-small,width=0.25,resolution=32,classes=10,keras",
        passes: Passes(int16: .preActivation)),
      Case(
        architecture: "mobilenet-v1-small,width=0.25,classes=10",
        passes: Passes(int16: .automatic(growth: nil))),
    ]
  }

  private func grid(_ one: Case) async throws -> IntegerGrid {
    let graph = try Architecture(one.architecture).graph(weights: .random(seed: 3)).simplified()
    let fitted = try images.fitted(graph.preprocessing, inputShape: graph.inputShape)
    let calibrator = try Calibrator(graph, dataset: fitted, imageCount: 24, method: .minMax)
    let table = try await calibrator.run(
      tool: "test", model: CalibratedModel(file: "", sha256: ""), threads: 1
    ) { _, _ in }
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    let inputs = try (0..<24).map { try preprocessor(fitted.sample(at: $0)) }
    return try one.passes.grid(graph, table, images: inputs, provenance: .test)
  }

  /// What the engine makes of images, and what the network that learns has at its logits.
  private func logits(
    _ twin: IntegerTwin, _ grid: IntegerGrid, _ count: Int
  ) throws -> (engine: [Int8], network: [Int8], model: QuantizedModel) {
    let preprocessor = Preprocessor(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
    let fitted = try images.fitted(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
    let model = try twin.model()
    let codes = try #require(
      model.tensors.first { $0.name == grid.graph.tensors[twin.network.logits].name })
    let index = try #require(
      model.layers.firstIndex { model.tensors[$0.output].name == codes.name })
    let finished = grid.finished(model)
    var arena = BoundModel.plain(finished).makeArena()
    var (engine, network): ([Int8], [Int8]) = ([], [])
    for image in 0..<count {
      let sample = try fitted.sample(at: image)
      guard case .image(let picture) = sample, let encoding = finished.pixelEncoding else {
        throw DatasetError.missing(path: "pixels")
      }
      let values = try preprocessor(sample)
      _ = arena.run(encoding.encode(picture.pixels)) { layer, bytes in
        if layer == index { engine += Array(bytes) }
      }
      twin.network.input.update(from: values, count: values.count)
      try twin.enter(1)
      twin.network.forward(1, .evaluation)
      for place in 0..<twin.network.outputCount {
        network.append(codes.code(Double(twin.network.output[place])))
      }
      twin.leave()
    }
    return (engine, network, model)
  }

  @Test(arguments: Case.all) func beginsWithTheQuantizersModel(_ one: Case) async throws {
    let grid = try await grid(one)
    let twin = try IntegerTwin(grid, batch: 4, team: Team(threads: 1))
    #expect(try twin.model().layers == grid.model.layers)
    #expect(try twin.model().tensors == grid.model.tensors)
  }

  /// The layers that gradients go back through compute what the integers do, to a code.
  @Test(arguments: Case.all) func computesWhatTheIntegersDo(_ one: Case) async throws {
    let grid = try await grid(one)
    let twin = try IntegerTwin(grid, batch: 8, team: Team(threads: 1))
    let preprocessor = Preprocessor(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
    let fitted = try images.fitted(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
    for image in 0..<8 {
      let values = try preprocessor(fitted.sample(at: image))
      (twin.network.input + image * values.count).update(from: values, count: values.count)
    }
    try twin.enter(8)
    twin.network.forward(8, .evaluation)
    let scales = Dictionary(grid.model.tensors.map { ($0.name, $0) }) { first, _ in first }
    #expect(!grid.adjustable.isEmpty)
    for tensor in grid.coded {
      guard let computed = twin.network.computedValues(of: tensor),
        let read = twin.network.codedValues(of: tensor)
      else { continue }
      let name = grid.graph.tensors[tensor].name
      let codes = try #require(scales[name])
      let count = 8 * grid.graph.tensors[tensor].shape.count
      let steps = (0..<count).map {
        abs(codes.wideCode(Double(computed[$0])) - codes.wideCode(Double(read[$0])))
      }
      #expect(steps.allSatisfy { $0 <= 2 }, "\(name)")
      // Means of a few codes are ties often, and tables hold means of what shares a code.
      let producer = try #require(grid.graph.producer(of: tensor))
      switch grid.graph.nodes[producer].operation {
      case .globalAveragePool, .averagePool, .activation: continue
      default: #expect(steps.count { $0 > 0 } * 50 <= count, "\(name)")
      }
    }
    twin.leave()
  }

  @Test(arguments: Case.all) func logitsAreTheEnginesAfterTraining(_ one: Case) async throws {
    let grid = try await grid(one)
    var made: [QuantizedModel] = []
    for threads in [1, 3] {
      let team = Team(threads: threads)
      let twin = try IntegerTwin(grid, batch: 16, team: team)
      var plan = TrainingPlan()
      (plan.epochs, plan.batch, plan.validation, plan.average) = (2, 16, 12, nil)
      plan.optimizer = .adamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0)
      plan.rate = RateSchedule(.constant, peak: 0.5, warmUp: 0)
      let fitted = try images.fitted(grid.graph.preprocessing, inputShape: grid.graph.inputShape)
      let trainer = try Trainer(twin.network, plan, on: fitted, codes: twin, team: team)
      for _ in 0..<2 { try trainer.runEpoch { _ in } }
      let found = try logits(twin, grid, images.count)
      #expect(found.engine == found.network)
      #expect(found.model.layers != grid.model.layers)
      #expect(found.model.tensors != grid.model.tensors, "no range has changed")
      made.append(found.model)
    }
    #expect(made[0] == made[1])
  }
}

extension Provenance {
  fileprivate static let test = Provenance(
    tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double, calibration: nil)
}
