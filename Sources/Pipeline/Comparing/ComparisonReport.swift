package import Datasets
package import Evaluation
internal import Files
internal import FoundationEssentials
internal import NetworkGraph
internal import QuantizedIR
internal import Quantizer

extension Dataset {
  /// Checks that accuracy can be told on these images.
  ///
  /// - Throws: `ImagesProblem.noLabels`.
  package func requireLabels() throws(PipelineError) {
    guard label(at: 0) != nil else { throw .images(.noLabels(path: path)) }
  }
}

extension Pipeline {
  /// Runs both networks of `pair` on `limit` of `images`, spread evenly, or on all.
  package func compare(
    _ pair: ModelPair, on images: Dataset, limit: Int? = nil
  ) async throws(PipelineError) -> Evaluation.ComparisonResult {
    let indices = images.evenlySpaced(limit ?? images.count)
    let meter = meter("compare", of: indices.count)
    return try await PipelineError.naming(images.path) {
      try await Comparison(pair.graph, pair.int8).run(
        images, at: indices, threads: threads, progress: meter)
    }
  }

  /// As above, on what shard `name` takes of these images; what all shards make together, `merge` says.
  package func compare(
    _ pair: ModelPair, on images: Dataset, limit: Int? = nil, _ name: ComparisonShard.Name
  ) async throws(PipelineError) -> ComparisonShard {
    let indices = images.evenlySpaced(limit ?? images.count)
    let own = try name.positions(of: indices, path: images.path)
    let meter = meter("compare", of: own.count)
    return try await PipelineError.naming(images.path) {
      var shard = try await Comparison(pair.graph, pair.int8).run(
        images, at: indices, name, threads: threads, progress: meter)
      shard.subject = try pair.subject(images, at: indices, own)
      return shard
    }
  }

  /// The result of the shards in `files`, equal to that of one run of `compare` with the same arguments.
  package func merge(
    _ files: [String], _ pair: ModelPair, on images: Dataset, limit: Int? = nil
  ) throws(PipelineError) -> Evaluation.ComparisonResult {
    let indices = images.evenlySpaced(limit ?? images.count)
    var shards: [ComparisonShard] = []
    for file in files {
      shards.append(
        try PipelineError.naming(file) {
          var shard: ComparisonShard = try PipelineError.decode(AtomicFile.read(file), of: file) {
            "not a shard of a comparison, or a damaged one: \($0); run compare --shard again"
          }
          let own = try shard.name.positions(of: indices, path: images.path)
          let expected = try pair.subject(images, at: indices, own)
          for (property, value) in expected.sorted(by: { $0.key < $1.key }) {
            try shard.require(property, value, shard.subject[property] ?? "none")
          }
          shard.subject[ModelPair.ownImages] = nil
          return shard
        })
    }
    return try PipelineError.naming(files.joined(separator: ", ")) {
      try Comparison(pair.graph, pair.int8).merge(shards, at: indices)
    }
  }

  /// Runs each int8 layer of `pair` by itself, the float network's activations being its inputs, on
  /// `count` of `images`, spread evenly: one entry a layer that has a float counterpart, in execution
  /// order.
  package func layerErrors(
    _ pair: ModelPair, on images: Dataset, count: Int
  ) async throws(PipelineError) -> [LayerError] {
    let indices = images.evenlySpaced(count)
    let meter = meter("layers", of: indices.count)
    return try await PipelineError.naming(images.path) {
      try await OwnErrors(pair.graph, pair.int8).run(
        images, at: indices, threads: threads, progress: meter)
    }
  }
}

extension ComparisonShard.Name {
  /// Which of `indices` are its own.
  ///
  /// - Throws: `PipelineError.at` where there are none.
  fileprivate func positions(of indices: [Int], path: String) throws(PipelineError) -> Range<Int> {
    let own = positions(of: indices.count, partLength: Comparison.partLength)
    guard own.isEmpty else { return own }
    let most = (indices.count + Comparison.partLength - 1) / Comparison.partLength
    throw .at(
      place: path,
      ComparisonError.shards(.empty(index, count: count, images: indices.count, most: most)))
  }
}

extension ModelPair {
  /// What a shard alone says of its images.
  fileprivate static let ownImages = "the images' SHA-256"

  /// What shards say of the models and the images at `indices`, of which `own` are one's own.
  fileprivate func subject(
    _ images: Dataset, at indices: [Int], _ own: Range<Int>
  ) throws -> [String: String] {
    var hash = SHA256()
    for index in indices[own] { hash.update(try images.bytes(at: index)) }
    return [
      "the tool": Tool.name, "the float model's SHA-256": floatModel.sha256,
      "the int8 model's SHA-256": SHA256.hex(try int8.fileBytes()),
      "the preprocessing": "\(graph.preprocessing)",
      "the count of images": "\(indices.count) of \(images.count)",
      Self.ownImages: hash.hex(),
    ]
  }
}

/// What one shard of a comparison saw, and where it was written.
package struct ComparisonShardReport: Encodable, Sendable {
  package let file: String
  /// `I/N`.
  package let shard: String
  package let images: Int

  /// Writes `shard` to `file`.
  package init(_ shard: ComparisonShard, writtenTo file: String) throws(PipelineError) {
    try PipelineError.naming(file) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try AtomicFile.write(try encoder.encode(shard) + Data("\n".utf8), to: file)
    }
    self.file = file
    self.shard = "\(shard.name.index)/\(shard.name.count)"
    images = shard.images
  }
}

/// What a comparison found. Shares are of 1, `null` stands for infinite decibels.
package struct ComparisonReport: Encodable, Sendable {
  /// A network's share of images whose label comes first.
  package struct Top1: Encodable, Sendable {
    package let top1: Double
  }

  package struct Layer: Encodable, Sendable {
    package let name: String
    package let sqnrDB: Double?
    package let cosine: Double
    package let saturated: Double

    private enum CodingKeys: CodingKey { case name, sqnrDB, cosine, saturated }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(sqnrDB, forKey: .sqnrDB)
      try container.encode(cosine, forKey: .cosine)
      try container.encode(saturated, forKey: .saturated)
    }
  }

  package let images: Int
  /// `nil` for images without labels.
  package let accuracy: Accuracy?
  package let agreement: Double
  package let outputSQNRdB: Double?
  /// Each of several outputs; none where there is one.
  package let outputs: [OutputComparison]
  package let layers: [Layer]
  /// What happened to pixels.
  package let pixels: PixelReport
  /// One sentence each.
  package let warnings: [String]

  private enum CodingKeys: CodingKey {
    case images, float, int8, deltaTop1Points, agreement, outputSQNRdB, outputs, layers, pixels
    case warnings
  }

  package init(_ result: Evaluation.ComparisonResult, of models: ModelPair, _ pixels: PixelReport) {
    self.pixels = pixels
    warnings = [pixels.warning].compactMap(\.self) + result.sentences(models.int8)
    images = result.images
    accuracy = result.accuracy
    agreement = result.agreement
    (outputSQNRdB, outputs) = (result.outputSQNRdB, result.outputs)
    layers = result.layers.map {
      Layer(name: $0.name, sqnrDB: $0.sqnrDB, cosine: $0.cosine, saturated: $0.saturated)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(images, forKey: .images)
    if let accuracy {
      try container.encode(Top1(top1: accuracy.floatTop1), forKey: .float)
      try container.encode(Top1(top1: accuracy.int8Top1), forKey: .int8)
      try container.encode(accuracy.deltaTop1Points, forKey: .deltaTop1Points)
    }
    try container.encode(agreement, forKey: .agreement)
    try container.encode(outputSQNRdB, forKey: .outputSQNRdB)
    if !outputs.isEmpty { try container.encode(outputs, forKey: .outputs) }
    try container.encode(layers, forKey: .layers)
    try container.encode(pixels, forKey: .pixels)
    try container.encode(warnings, forKey: .warnings)
  }
}

/// What one more pass of the default recipe gives.
package struct LadderRung: Sendable {
  /// For people.
  package let name: String
  package let result: Evaluation.ComparisonResult
  /// How long quantizing took.
  package let seconds: Double
}

extension Pipeline {
  /// Quantizes `model` with one pass more at a time, and compares each int8 model with the float
  /// network on `limit` images of `split` of `source`, or on all.
  package func climb(
    _ model: LoadedModel, _ calibration: CalibrationFile, on source: DataSource,
    _ split: Dataset.Split, limit: Int?
  ) async throws(PipelineError) -> [LadderRung] {
    var rungs: [LadderRung] = []
    for step in Ladder.steps {
      tell(.ladderStep(step.name))
      let quantization = try Quantization(
        model, calibration, recipe: NamedPasses(name: "ladder: \(step.name)", passes: step.passes))
      let start = ContinuousClock.now
      let int8 = try quantize(quantization).model
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let pair = ModelPair(quantization, int8)
      let images = try images(source, split, for: pair.graph, sampling: limit)
      let result = try await compare(pair, on: images, limit: limit)
      rungs.append(LadderRung(name: step.name, result: result, seconds: seconds))
    }
    return rungs
  }
}

/// What every step of the default recipe brings.
package struct LadderReport: Encodable, Sendable {
  package struct Step: Encodable, Sendable {
    package let name: String
    /// These two are `nil` for images without labels.
    package let top1: Double?
    package let deltaTop1Points: Double?
    package let agreement: Double
    package let outputSQNRdB: Double?
    /// Seconds that quantizing took.
    package let seconds: Double
  }

  package let images: Int
  /// `nil` for images without labels.
  package let float: ComparisonReport.Top1?
  package let ladder: [Step]

  /// `steps` in order.
  package init(_ steps: [LadderRung]) {
    images = steps.first?.result.images ?? 0
    float = (steps.first?.result.accuracy).map { ComparisonReport.Top1(top1: $0.floatTop1) }
    ladder = steps.map { step in
      Step(
        name: step.name, top1: step.result.accuracy?.int8Top1,
        deltaTop1Points: step.result.accuracy?.deltaTop1Points, agreement: step.result.agreement,
        outputSQNRdB: step.result.outputSQNRdB, seconds: step.seconds)
    }
  }
}
