package import Datasets
package import Decoders
internal import Engines
internal import FloatReference
package import NetworkGraph
package import QuantizedIR
package import Tensors

/// A float network beside the int8 model made from it, on images with labels or without.
///
/// The int8 side runs the packed kernels of this machine, byte for byte what firmware computes.
package struct Comparison: Sendable {
  private let reference: FloatReference
  private let pairedInputs: PairedInputs
  private let host: BoundModel
  /// By tensor of the graph: the layer of the int8 model that makes the same tensor.
  private let layerOfTensor: [Int: Int]
  private let outputs: [Output]

  /// One output of both networks.
  private struct Output {
    /// Of the values of all outputs, one after another.
    let places: Range<Int>
    let tensor: QuantizedTensor
    let floatDecision: Decision<Float>
    let int8Decision: Decision<Int8>
  }

  /// Images that one task takes at a time.
  package static let partLength = 32

  /// Pairs the networks' tensors by name.
  ///
  /// - Parameter graph: Simplified as the quantizer's was, so that tensor names agree.
  /// - Throws: `ComparisonError.inputShape`, `.outputShape`.
  package init(_ graph: Graph, _ model: QuantizedModel) throws(ComparisonError) {
    guard graph.inputShape == model.inputShape else {
      throw .inputShape(float: graph.inputShape, int8: model.inputShape)
    }
    guard graph.outputShape == model.outputShape else {
      throw .outputShape(float: graph.outputShape, int8: model.outputShape)
    }
    let tensors = Dictionary(
      graph.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var layerOfTensor: [Int: Int] = [:]
    for (layer, operation) in model.layers.enumerated() {
      let tensor = model.tensors[operation.output]
      guard let index = tensors[tensor.name], graph.tensors[index].shape == tensor.shape else {
        continue
      }
      layerOfTensor[index] = layer
    }
    self.layerOfTensor = layerOfTensor
    reference = FloatReference(graph)
    pairedInputs = PairedInputs(graph, model)
    host = BoundModel.host(model)
    let even = graph.givesProbabilities ? 0.5 : 0
    var start = 0
    outputs = model.outputs.map { index in
      let tensor = model.tensors[index]
      defer { start += tensor.shape.count }
      return Output(
        places: start..<start + tensor.shape.count, tensor: tensor,
        floatDecision: Decision(threshold: Float(even)),
        int8Decision: Decision(threshold: tensor.code(even)))
    }
  }

  /// Runs both networks on the images at `indices`.
  ///
  /// - Parameter progress: Called with the images done and the images in all, in order.
  /// - Throws: `ComparisonError`, `.classes` before anything is run.
  package func run(
    _ images: Dataset, at indices: [Int], threads: Int, progress: (Int, Int) -> Void
  ) async throws -> ComparisonResult {
    precondition(!indices.isEmpty)
    var total = emptyTally
    try await forEachPart(images, indices[...], threads: threads, progress) { total.merge($0) }
    return result(total)
  }

  /// Runs both networks on those of the images at `indices` that `shard` takes.
  ///
  /// - Throws: As `run`.
  package func run(
    _ images: Dataset, at indices: [Int], _ shard: ComparisonShard.Name, threads: Int,
    progress: (Int, Int) -> Void
  ) async throws -> ComparisonShard {
    var tallies: [Tally] = []
    let own = indices[shard.positions(of: indices.count, partLength: Self.partLength)]
    try await forEachPart(images, own, threads: threads, progress) { tallies.append($0) }
    return ComparisonShard(shard, tallies)
  }

  /// The result of all `shards`, to the last bit that of one run on the images at `indices`: sums are
  /// added part by part in the same order.
  ///
  /// - Throws: `ComparisonError.shards`.
  package func merge(
    _ shards: [ComparisonShard], at indices: [Int]
  ) throws(ComparisonError) -> ComparisonResult {
    var total = emptyTally
    for shard in try ComparisonShard.inOrder(shards) {
      let own = indices[shard.name.positions(of: indices.count, partLength: Self.partLength)]
      for tally in try shard.tallies(at: own, partLength: Self.partLength, like: total) {
        total.merge(tally)
      }
    }
    return result(total)
  }

  private var emptyTally: Tally {
    Tally(layerCount: host.model.layers.count, outputCount: outputs.count)
  }

  private func result(_ total: Tally) -> ComparisonResult {
    ComparisonResult(
      total, layerNames: host.model.layers.map(\.name), outputNames: host.model.outputNames,
      classCount: classCount)
  }

  /// Hands `fold` the tally of each part of `indices`, in order.
  private func forEachPart(
    _ images: Dataset, _ indices: ArraySlice<Int>, threads: Int, _ progress: (Int, Int) -> Void,
    fold: (Tally) -> Void
  ) async throws {
    precondition(threads > 0)
    let known = images.classNames.count
    guard known == 0 || known == classCount else {
      throw ComparisonError.classes(
        path: images.classListPath ?? images.path, data: known, model: classCount)
    }
    let start = indices.startIndex
    try await orderedFold(count: indices.count, partLength: Self.partLength, threads: threads) {
      try tally(images, indices[start + $0.lowerBound..<start + $0.upperBound])
    } fold: { part, done in
      fold(part)
      progress(done, indices.count)
    }
  }

  /// Counts and sums over the images at `indices`, on this thread.
  private func tally(
    _ images: Dataset, _ indices: ArraySlice<Int>
  ) throws(ComparisonError) -> Tally {
    var tally = emptyTally
    var arena = host.makeArena()
    let referenceArena = reference.makeArena()
    var codes = [[Int8]](repeating: [], count: host.model.layers.count)
    for index in indices {
      let label = try label(of: images, index)
      let (real, input) = try inputs(images, index)
      let int8 = arena.run(input) { layer, output in codes[layer] = Array(output) }
      let float = reference.run(real, in: referenceArena) { tensor, values in
        guard let layer = layerOfTensor[tensor] else { return }
        let output = codes[layer]
        let tensor = self.tensor(layer)
        if tensor.channelFactors == nil {
          tally.layers[layer].add(values, output.span, tensor)
        } else {
          let own = tensor.inOwnUnits(values.withUnsafeBufferPointer { Array($0) })
          tally.layers[layer].add(own.span, output.span, tensor)
        }
      }
      for (position, output) in outputs.enumerated() {
        let (real, codes) = (Array(float[output.places]), Array(int8[output.places]))
        let (float, int8) = (output.floatDecision(real), output.int8Decision(codes))
        if float == int8 { tally.agreements[position] += 1 }
        tally.outputs[position].add(real.span, codes.span, output.tensor)
        guard position == 0 else { continue }
        tally.predictions.append(
          Prediction(record: index, label: label, float: float, int8: int8))
      }
    }
    return tally
  }

  private func tensor(_ layer: Int) -> QuantizedTensor {
    host.model.tensors[host.model.layers[layer].output]
  }

  /// How many classes the outputs tell apart; a single output tells two.
  private var classCount: Int { max(2, host.model.outputTensor.shape.count) }

  /// `nil` for data without labels.
  private func label(of images: Dataset, _ index: Int) throws(ComparisonError) -> Int? {
    guard let label = images.label(at: index) else { return nil }
    guard (0..<classCount).contains(label) else {
      throw .label(path: images.path, record: index, label: label, classCount: classCount)
    }
    return label
  }

  /// An image as both networks take it.
  private func inputs(
    _ images: Dataset, _ index: Int
  ) throws(ComparisonError) -> (real: [Float], codes: [Int8]) {
    let sample: Sample
    do throws(DatasetError) {
      sample = try images.sample(at: index)
    } catch {
      throw .dataset(error)
    }
    return try pairedInputs(sample)
  }
}

/// Records as a float network and the int8 model made of it take them.
struct PairedInputs: Sendable {
  private let preprocessor: Preprocessor
  private let model: QuantizedModel

  init(_ graph: Graph, _ model: QuantizedModel) {
    preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    self.model = model
  }

  /// Real values for the one, codes for the other.
  ///
  /// - Throws: `ComparisonError.dataset` for a picture of another size.
  func callAsFunction(_ sample: Sample) throws(ComparisonError) -> (real: [Float], codes: [Int8]) {
    let real: [Float]
    do throws(DatasetError) { real = try preprocessor(sample) } catch { throw .dataset(error) }
    switch sample {
    case .values: return (real, model.inputCodes(real) { $0.codes($1) })
    case .image(let image):
      let tensor = model.inputTensor
      return (
        real, model.pixelEncoding?.encode(image.pixels) ?? real.map { tensor.code(Double($0)) }
      )
    }
  }
}

/// Maps parts of `0 ..< count` on `threads` tasks and folds the results in order of the parts, so
/// that the outcome does not depend on the number of threads.
///
/// At most a few parts wait at a time: memory does not grow with `count`.
///
/// - Parameters:
///   - partLength: How many indices a part holds; the last may hold fewer.
///   - fold: Called on one task, with each part's result and the indices done so far.
package func orderedFold<Partial: Sendable>(
  count: Int, partLength: Int, threads: Int,
  map: @escaping @Sendable (Range<Int>) throws -> Partial, fold: (Partial, Int) -> Void
) async throws {
  let parts = (count + partLength - 1) / partLength
  func indices(_ part: Int) -> Range<Int> {
    part * partLength..<min((part + 1) * partLength, count)
  }
  try await withThrowingTaskGroup(of: (part: Int, result: Partial).self) { group in
    var waiting: [Int: Partial] = [:]
    var (started, folded, running) = (0, 0, 0)
    while folded < parts {
      while running < threads, started < min(parts, folded + 4 * threads) {
        let (part, range) = (started, indices(started))
        group.addTask { (part, try map(range)) }
        started += 1
        running += 1
      }
      guard let done = try await group.next() else { break }
      running -= 1
      waiting[done.part] = done.result
      while let next = waiting.removeValue(forKey: folded) {
        fold(next, indices(folded).upperBound)
        folded += 1
      }
    }
  }
}

/// Why two networks could not be compared on some images.
package enum ComparisonError: Error, Hashable {
  case inputShape(float: Shape, int8: Shape)
  case outputShape(float: Shape, int8: Shape)
  /// A label that the networks have no output for.
  case label(path: String, record: Int, label: Int, classCount: Int)
  /// The data has more or fewer classes than the networks tell apart, so that labels may mean others.
  case classes(path: String, data: Int, model: Int)
  /// A category of labels that the networks have no class for.
  case category(path: String, String, classes: [String])
  /// The networks' output is not what a task reads.
  case decoder(model: String, DecoderError)
  case dataset(DatasetError)
  /// What other machines found cannot be put together.
  case shards(ShardProblem)
}

extension ComparisonError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inputShape(let float, let int8):
      "the float model takes \(float) and the int8 model \(int8); name the float model that the "
        + "int8 model was made from with --model"
    case .outputShape(let float, let int8):
      "the float model gives \(float) and the int8 model \(int8); name the float model that the "
        + "int8 model was made from with --model"
    case .label(let path, let record, let label, let classCount):
      "\(path): record \(record) has label \(label), and the model has \(classCount) classes; name "
        + "the data that the model was trained for"
    case .classes(let path, let data, let model):
      "\(path): the images are of \(data) classes and the model tells \(model) apart; list all of the "
        + "model's classes, in its order and by their folders' names, with --classes"
    case .category(let path, let name, let classes):
      "\(path): the category '\(name)' is none of the model's classes: expected one of "
        + classes.joined(separator: ", ") + "; rename it there, or give the model its labels"
    case .decoder(let model, let error): "\(model): \(error)"
    case .dataset(let error): error.description
    case .shards(let problem): problem.description
    }
  }
}
