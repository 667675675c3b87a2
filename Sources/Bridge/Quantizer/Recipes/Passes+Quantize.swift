package import Calibration
internal import Engines
internal import FloatReference
private import Glibc
package import NetworkGraph
package import QuantizedIR
internal import Tensors

extension Passes {
  /// Quantizes `graph`, whose batch normalizations have been folded.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network, NHWC: those that `calibration` saw, in its order. Empty
  ///     where the passes need none.
  ///   - warn: Called with what the calibration's values meet in the model.
  ///   - progress: Called with how far a step has come.
  package func quantize(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    warn: (ModelWarning) -> Void = { _ in },
    progress: (StepProgress) -> Void = { _ in }
  ) throws(QuantizationError) -> QuantizedModel {
    if graph.isQuantized {
      return try quantizeAsInFile(
        graph, calibration, provenance: provenance, isExact: provenance.exactWith != nil)
    }
    let made = try parts(
      graph, calibration, images: images, provenance: provenance, warn: warn, progress: progress)
    return made.exact?.labeled(made.model) ?? made.model
  }

  /// As `quantize`, of a graph that is float: the model together with the grid that it lies on.
  package func grid(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    progress: (StepProgress) -> Void = { _ in }
  ) throws(QuantizationError) -> IntegerGrid {
    precondition(!graph.isQuantized, "a file's codes are not learned")
    return IntegerGrid(
      try parts(
        graph, calibration, images: images, provenance: provenance, warn: { _ in },
        progress: progress))
  }

  private func parts(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    warn: (ModelWarning) -> Void, progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> QuantizedParts {
    var statistics: [TensorStatistics] = []
    for tensor in graph.tensors {
      guard let entry = calibration[tensor.name] else { throw .missingRange(tensor: tensor.name) }
      statistics.append(entry.statistics)
    }
    let exact = takesExactInput ? ExactInput(graph) : nil
    let images = exact?.shifted(images) ?? images
    let equalized = equalized(exact?.graph ?? graph, statistics)
    if equalized.graph != graph {
      statistics = equalized.graph.statistics(images) {
        progress(StepProgress(step: "measure ranges", done: $0, total: $1, unit: .images))
      }
    }
    let preActivationRanges =
      int16 == .preActivation ? preActivationRanges(of: equalized.graph, statistics) : nil
    largeWindowWarnings(equalized.graph).forEach(warn)
    let evidence = Evidence(
      ranges: ranges(
        of: equalized.graph, statistics, calibration.method, images,
        hasCurve: equalized.graph.tensors.indices.map { preActivationRanges?[$0] != nil }
      ) {
        progress(StepProgress(step: "refine ranges", done: $0, total: $1, unit: .images))
      },
      preActivationRanges: preActivationRanges,
      channelMeans: statistics.map(\.channelMean), channelFactors: equalized.factors,
      histograms: statistics.map { averagesTables ? $0.histogram : nil }, images: images,
      widensInput: true)
    let choices = try chosen(equalized.graph, evidence, provenance) {
      progress(StepProgress(step: "judge bias corrections", done: $0, total: $1, unit: .work))
    }
    let (model, used) =
      if case .automatic(let growth) = int16 {
        try widened(
          equalized.graph, choices, evidence, statistics, growth: growth, provenance, progress)
      } else {
        (
          try Quantizer.quantize(equalized.graph, choices, evidence, provenance: provenance) {
            progress(StepProgress(step: "quantize", done: $0, total: $1, unit: .work))
          }, evidence
        )
      }
    model.saturationWarnings(model.saturation(equalized.graph, statistics), of: .calibration)
      .forEach(warn)
    return QuantizedParts(graph: equalized.graph, evidence: used, exact: exact, model: model)
  }

  /// `graph` after the passes that rescale it, which keep its function.
  ///
  /// - Parameter statistics: By tensor index.
  package func equalized(_ graph: Graph, _ statistics: [TensorStatistics]) -> EqualizedGraph {
    var equalized = EqualizedGraph(graph)
    let magnitudes = statistics.map { tensor in
      zip(tensor.channelMinimum, tensor.channelMaximum).map { Double(max(abs($0), abs($1))) }
    }
    if equalizesDepthwise {
      DepthwiseEqualization.apply(
        to: &equalized, channelMagnitude: magnitudes,
        valuesPerChannel: statistics.map(\.valuesPerChannel))
    }
    if equalizesChains { ChainEqualization.apply(to: &equalized, channelMagnitude: magnitudes) }
    return equalized
  }

  /// How ranges are chosen from statistics, given the method that calibration was told.
  package func rangeMethod(calibrated: CalibrationMethod) -> CalibrationMethod {
    switch ranges {
    case .method(let method): method
    case .automatic: calibrated == .minMax ? .meanSquaredError : calibrated
    }
  }

  func ranges(
    of graph: Graph, _ statistics: [TensorStatistics], _ calibrated: CalibrationMethod,
    _ images: [[Float]], hasCurve: [Bool], progress: (Int, Int) -> Void
  ) -> [ClosedRange<Double>] {
    let method = rangeMethod(calibrated: calibrated)
    func chosen(by method: CalibrationMethod) -> [ClosedRange<Double>] {
      graph.tensors.indices.map { tensor in
        let reader = cutsTableInputs ? graph.onlyActivation(reading: tensor) : nil
        let range = method.range(statistics[tensor], readBy: reader)
        return Double(range.lowerBound)...Double(range.upperBound)
      }
    }
    let ranges = chosen(by: method)
    guard refinesRanges else { return ranges }
    let refined = RangeRefinement(
      graph, ranges: ranges, bounds: chosen(by: .minMax), hasCurve: hasCurve
    ).ranges(images, progress: progress)
    return zip(ranges, refined).map { $1 ?? $0 }
  }

  /// All that was seen, of the tensors that keep 16 bits in front of h-swish and its like.
  func preActivationRanges(
    of graph: Graph, _ statistics: [TensorStatistics]
  ) -> [ClosedRange<Double>?] {
    graph.tensors.indices.map { tensor in
      guard let unit = graph.onlyActivation(reading: tensor), unit.isUnit else { return nil }
      let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: unit)
      return Double(range.lowerBound)...Double(range.upperBound)
    }
  }
}

extension Graph {
  /// The activation that reads `tensor`, where nothing else does.
  func onlyActivation(reading tensor: Int) -> Activation? {
    let readers = consumers(of: tensor)
    guard readers.count == 1, tensor != output,
      case .activation(let activation) = nodes[readers[0]].operation
    else { return nil }
    return activation
  }
}

extension QuantizedModel {
  /// Of every layer, the share of the float network's values more than half a step beyond what the
  /// codes can express.
  ///
  /// - Parameters:
  ///   - graph: What this model was made from, after the passes that rescale it.
  ///   - statistics: What was seen of it, by tensor index.
  func saturation(
    _ graph: Graph, _ statistics: [TensorStatistics]
  ) -> [(layer: String, share: Double)] {
    let byName = Dictionary(
      zip(graph.tensors.map(\.name), statistics), uniquingKeysWith: { first, _ in first })
    return layers.compactMap { layer in
      let tensor = tensors[layer.output]
      guard let values = byName[tensor.name]?.histogram else { return nil }
      let half = tensor.scale / 2
      return (
        layer.name,
        values.share(outside: tensor.covered.lowerBound - half...tensor.covered.upperBound + half)
      )
    }
  }
}

extension Passes {
  /// The candidate whose output is nearest to the float network's on images held back: each half
  /// of the images judges what was made with the other half.
  ///
  /// - Parameter progress: Called with the share of the work done, and all of it.
  func chosen(
    _ graph: Graph, _ evidence: Evidence, _ provenance: Provenance, progress: (Int, Int) -> Void
  ) throws(QuantizationError) -> WeightChoices {
    let candidates = candidates
    guard candidates.count > 1, evidence.images.count > 1 else { return candidates[0] }
    var noise = [Double](repeating: 0, count: candidates.count)
    let halves = (0..<2).map { (evidence.images.count + 1 - $0) / 2 }
    let works = halves.map { half in
      candidates.map { QuantizationWork(graph, $0, images: half) }
    }
    // Beside the candidates, runs of the float network on either half and of each model.
    let runs = works.map { $0[0].run }
    let total =
      works.joined().reduce(0) { $0 + $1.total } + (2 + candidates.count) * runs.reduce(0, +)
    var done = 0
    for half in 0..<2 {
      let learned = evidence.half(half, graph)
      let error = OutputError(graph, evidence.half(1 - half))
      done += runs[0] + runs[1]
      progress(done, total)
      for (index, candidate) in candidates.enumerated() {
        let before = done
        let model = try Quantizer.quantize(graph, candidate, learned, provenance: provenance) {
          share, _ in progress(before + share, total)
        }
        noise[index] += error.noise(model)
        done += works[half][index].total + runs[1 - half]
        progress(done, total)
      }
    }
    let best = noise.indices.min { noise[$0] < noise[$1] } ?? 0
    return candidates[best]
  }
}

extension Evidence {
  /// Every second image, from the one at `first`.
  fileprivate func half(_ first: Int) -> [[Float]] {
    stride(from: first, to: images.count, by: 2).map { images[$0] }
  }

  /// What every second image tells of means, which biases are corrected by; ranges and tables
  /// stay, as they are the same for every candidate.
  fileprivate func half(_ first: Int, _ graph: Graph) -> Evidence {
    var half = self
    half.images = self.half(first)
    half.channelMeans = graph.statistics(half.images) { _, _ in }.map(\.channelMean)
    return half
  }
}

/// How far int8 networks' outputs are from the float network's on some images.
struct OutputError {
  private let images: [[Float]]
  /// What the float network makes of each.
  private let exact: [[Float]]

  init(_ graph: Graph, _ images: [[Float]]) {
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    self.images = images
    exact = images.map { reference.run($0, in: arena) }
  }

  /// The power of the float outputs over the power of the difference, in dB.
  func signalToNoise(_ model: QuantizedModel) -> Double {
    let signal = exact.joined().reduce(0) { $0 + Double($1) * Double($1) }
    let noise = noise(model)
    return noise > 0 ? 10 * log10(signal / noise) : .infinity
  }

  /// The power of the difference, in squared units of the output.
  func noise(_ model: QuantizedModel) -> Double {
    var runtime = BoundModel.host(model).makeArena()
    var noise = 0.0
    for (image, exact) in zip(images, exact) {
      let codes = runtime.run(
        model.inputCodes(image) { tensor, values in values.map { tensor.code(Double($0)) } })
      for (real, int8) in zip(exact, model.outputReals(codes)) {
        let difference = Double(real) - int8
        noise += difference * difference
      }
    }
    return noise
  }
}
