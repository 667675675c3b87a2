package import Calibration
internal import Engines
internal import FloatReference
private import Glibc
package import NetworkGraph
package import QuantizedIR
package import Tensors

extension Passes {
  /// Quantizes `graph`, whose batch normalizations have been folded.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network, NHWC: those that `calibration` saw, in its order. Empty
  ///     where the passes need none.
  ///   - team: Shares the work; no result depends on it.
  ///   - warn: Called with what the calibration's values meet in the model.
  ///   - report: Called with what a search for 16 bits found.
  ///   - progress: Called with how far a step has come.
  package func quantize(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    team: Team = .one, warn: (ModelWarning) -> Void = { _ in },
    report: (WideReport) -> Void = { _ in }, progress: (StepProgress) -> Void = { _ in }
  ) throws(QuantizationError) -> QuantizedModel {
    if graph.isQuantized {
      return try quantizeAsInFile(
        graph, calibration, provenance: provenance, isExact: provenance.exactWith != nil)
    }
    let made = try parts(
      graph, calibration, images: images, provenance: provenance, team, warn: warn,
      report: report, progress: progress)
    return made.exact?.labeled(made.model) ?? made.model
  }

  /// As `quantize`, of a graph that is float: the model together with the grid that it lies on.
  package func grid(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    team: Team = .one, progress: (StepProgress) -> Void = { _ in }
  ) throws(QuantizationError) -> IntegerGrid {
    precondition(!graph.isQuantized, "a file's codes are not learned")
    return IntegerGrid(
      try parts(
        graph, calibration, images: images, provenance: provenance, team, warn: { _ in },
        report: { _ in }, progress: progress))
  }

  private func parts(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    _ team: Team, warn: (ModelWarning) -> Void, report: (WideReport) -> Void,
    progress: (StepProgress) -> Void
  ) throws(QuantizationError) -> QuantizedParts {
    var statistics: [TensorStatistics] = []
    for tensor in graph.tensors {
      guard let entry = calibration[tensor.name] else { throw .missingRange(tensor: tensor.name) }
      statistics.append(entry.statistics)
    }
    let exact = takesExactInput ? ExactInput(graph) : nil
    let images = exact?.shifted(images) ?? images
    let float = exact?.graph ?? graph
    largeWindowWarnings(float).forEach(warn)
    let basis = try basis(
      float, statistics, calibration.method, images, provenance, team, progress,
      measures: exact != nil)
    var evidence = basis.evidence
    switch int16 {
    case .none, .preActivation: break
    case .all: evidence = widened(basis, wideValues(basis).all)
    case .automatic(let limits):
      let parts = HeldImages(images)
      let learned = try self.basis(
        float, statistics, calibration.method, parts.learned, provenance, team, progress,
        measures: true)
      let found = try search(learned, parts.held, limits, provenance, team, progress)
      report(found.report)
      evidence = widened(basis, found.choice)
    }
    let model = try Quantizer.quantize(
      basis.graph, basis.choices, evidence, provenance: provenance, team: team
    ) {
      progress(StepProgress(step: "quantize", done: $0, total: $1, unit: .work))
    }
    model.saturationWarnings(model.saturation(basis.graph, basis.statistics), of: .calibration)
      .forEach(warn)
    return QuantizedParts(graph: basis.graph, evidence: evidence, exact: exact, model: model)
  }

  /// What follows from `images`, inputs of `graph`.
  ///
  /// - Parameters:
  ///   - statistics: Of the calibration, by tensor index.
  ///   - measures: Whether statistics must be of `images` because the calibration saw others.
  private func basis(
    _ graph: Graph, _ statistics: [TensorStatistics], _ method: CalibrationMethod,
    _ images: [[Float]], _ provenance: Provenance, _ team: Team,
    _ progress: (StepProgress) -> Void, measures: Bool
  ) throws(QuantizationError) -> QuantizationBasis {
    var statistics = statistics
    let equalized = equalized(graph, statistics)
    if equalized.graph != graph || measures {
      statistics = equalized.graph.statistics(images, team) {
        progress(StepProgress(step: "measure ranges", done: $0, total: $1, unit: .images))
      }
    }
    let preActivationRanges =
      int16 == .preActivation ? preActivationRanges(of: equalized.graph, statistics) : nil
    let evidence = Evidence(
      ranges: ranges(
        of: equalized.graph, statistics, method, images,
        hasCurve: equalized.graph.tensors.indices.map { preActivationRanges?[$0] != nil }, team
      ) {
        progress(StepProgress(step: "refine ranges", done: $0, total: $1, unit: .images))
      },
      preActivationRanges: preActivationRanges,
      channelMeans: statistics.map(\.channelMean), channelFactors: equalized.factors,
      histograms: statistics.map { averagesTables ? $0.histogram : nil }, images: images,
      widensInput: true)
    let choices = try chosen(equalized.graph, evidence, provenance, team) {
      let step = $0 == 0 ? "judge bias corrections" : "judge bias corrections, other half"
      progress(StepProgress(step: step, done: $1, total: $2, unit: .work))
    }
    return QuantizationBasis(
      graph: equalized.graph, statistics: statistics, evidence: evidence, choices: choices)
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
    _ images: [[Float]], hasCurve: [Bool], _ team: Team, progress: (Int, Int) -> Void
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
    ).ranges(images, team, progress: progress)
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
  /// of the images judges what was made with the other half. The second half only judges where the
  /// first leaves doubt.
  ///
  /// - Parameter progress: Called with the number of the half, the share of its work done, and all
  ///   of it.
  func chosen(
    _ graph: Graph, _ evidence: Evidence, _ provenance: Provenance, _ team: Team,
    progress: (_ half: Int, Int, Int) -> Void
  ) throws(QuantizationError) -> WeightChoices {
    let candidates = candidates
    guard candidates.count > 1, evidence.images.count > 1 else { return candidates[0] }
    var noise = candidates.map { _ in [Double]() }
    for half in 0..<2 {
      let works = candidates.map {
        QuantizationWork(graph, $0, images: (evidence.images.count + 1 - half) / 2)
      }
      // Beside the candidates, runs of the float network on either half and of each model.
      let run = works[0].run
      let total = works.reduce(0) { $0 + $1.total } + (2 + candidates.count) * run
      let learned = evidence.half(half, graph, team)
      let error = OutputError(graph, evidence.half(1 - half), team)
      var done = 2 * run
      progress(half, done, total)
      for (index, candidate) in candidates.enumerated() {
        let before = done
        let model = try Quantizer.quantize(
          graph, candidate, learned, provenance: provenance, team: team
        ) { share, _ in progress(half, before + share, total)
        }
        noise[index] += error.noises(model)
        done += works[index].total + run
        progress(half, done, total)
      }
      if noise.isDecided { break }
    }
    let sums = noise.map { $0.reduce(0, +) }
    return candidates[sums.indices.min { sums[$0] < sums[$1] } ?? 0]
  }
}

extension [[Double]] {
  /// Whether the least mean, of the same images in each row, is below each other one by more than
  /// four standard errors of their difference: other images would hardly turn that.
  fileprivate var isDecided: Bool {
    guard let best = self.min(by: { $0.reduce(0, +) < $1.reduce(0, +) }) else { return true }
    return allSatisfy { other in
      let differences = zip(other, best).map { $0 - $1 }
      let count = Double(differences.count)
      let mean = differences.reduce(0, +) / count
      let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * count)
      return other == best || (mean > 0 && mean * mean > 16 * variance)
    }
  }
}

extension Evidence {
  /// Every second image, from the one at `first`.
  fileprivate func half(_ first: Int) -> [[Float]] {
    stride(from: first, to: images.count, by: 2).map { images[$0] }
  }

  /// What every second image tells of means, which biases are corrected by; ranges and tables
  /// stay, as they are the same for every candidate.
  fileprivate func half(_ first: Int, _ graph: Graph, _ team: Team) -> Evidence {
    var half = self
    half.images = self.half(first)
    half.channelMeans = graph.channelMeans(half.images, team)
    return half
  }
}

/// How far int8 networks' outputs are from the float network's on some images.
struct OutputError {
  private let images: [[Float]]
  /// What the float network makes of each.
  private let exact: [[Float]]
  private let team: Team

  init(_ graph: Graph, _ images: [[Float]], _ team: Team) {
    let reference = FloatReference(graph)
    self.images = images
    self.team = team
    exact = team.map(images.count, with: reference.makeArena()) { image, arena in
      reference.run(images[image], in: arena)
    }
  }

  /// The power of the float outputs over the power of the difference, in dB.
  func signalToNoise(_ model: QuantizedModel) -> Double {
    let signal = exact.joined().reduce(0) { $0 + Double($1) * Double($1) }
    let noise = noises(model).reduce(0, +)
    return noise > 0 ? 10 * log10(signal / noise) : .infinity
  }

  /// The share of images on which the greatest value of `model` is the float network's.
  func agreement(_ model: QuantizedModel) -> Double {
    let bound = BoundModel.host(model)
    let agrees = team.map(images.count, with: bound.makeArena()) { image, arena in
      let codes = arena.run(
        model.inputCodes(images[image]) { tensor, values in
          values.map { tensor.code(Double($0)) }
        })
      let reals = model.outputReals(codes)
      let exact = exact[image]
      return reals.indices.max { reals[$0] < reals[$1] }
        == exact.indices.max { exact[$0] < exact[$1] }
    }
    return Double(agrees.count { $0 }) / Double(max(images.count, 1))
  }

  /// The power of the difference on each image, in squared units of the output.
  func noises(_ model: QuantizedModel) -> [Double] {
    let bound = BoundModel.host(model)
    return team.map(images.count, with: bound.makeArena()) { image, arena in
      let codes = arena.run(
        model.inputCodes(images[image]) { tensor, values in
          values.map { tensor.code(Double($0)) }
        })
      return zip(exact[image], model.outputReals(codes)).reduce(0) { sum, pair in
        let difference = Double(pair.0) - pair.1
        return sum + difference * difference
      }
    }
  }
}

/// The noise that the codes of a tensor leave in the network's output, measured with that tensor
/// alone rounded to int8 and all others real.
struct OutputNoise {
  private let graph: Graph
  private let reference: FloatReference
  /// By tensor index.
  private let parameters: [AffineParameters]

  /// At most this many images are looked at, spread evenly.
  private static let imageCount = 64

  /// - Parameter ranges: What the int8 codes cover, by tensor index.
  init(_ graph: Graph, ranges: [ClosedRange<Double>]) {
    self.graph = graph
    reference = FloatReference(graph)
    parameters = ranges.map(AffineParameters.init(covering:))
  }

  /// The power of the noise of each of `tensors`, over the power of the output.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network.
  ///   - progress: Called with the number of images done, and of all.
  func shares(
    of tensors: [Int], _ images: [[Float]], progress: (Int, Int) -> Void
  ) -> [Int: Double] {
    var (noise, signal) = ([Double](repeating: 0, count: tensors.count), 0.0)
    let arena = reference.makeArena()
    let used = min(images.count, Self.imageCount)
    for number in 0..<used {
      let activations = reference.activations(images[number * images.count / used], in: arena)
      let exact = graph.outputs.flatMap { activations[$0] }
      signal += exact.reduce(0) { $0 + Double($1) * Double($1) }
      for (index, tensor) in tensors.enumerated() {
        let output = reference.output(
          replacing: tensor, with: parameters[tensor].rounded(activations[tensor]),
          in: activations, arena)
        noise[index] += zip(output, exact).reduce(0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
      }
      progress(number + 1, used)
    }
    return Dictionary(
      uniqueKeysWithValues: zip(tensors, noise.map { signal > 0 ? $0 / signal : 0 }))
  }
}
