package import Calibration
package import NetworkGraph
package import QuantizedIR
internal import Tensors

extension Passes {
  /// The share of the calibration images that only judges candidates.
  private static let heldBack = 5

  /// Quantizes `graph`, whose batch normalizations have been folded.
  ///
  /// - Parameters:
  ///   - images: Inputs of the network, NHWC: those that `calibration` saw, in its order. Empty
  ///     where the passes need none.
  ///   - progress: Called with a step's name, and how many of its parts are done, of how many.
  package func quantize(
    _ graph: Graph, _ calibration: CalibrationTable, images: [[Float]], provenance: Provenance,
    progress: (_ step: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws(QuantizationError) -> QuantizedModel {
    var statistics: [TensorStatistics] = []
    for tensor in graph.tensors {
      guard let entry = calibration[tensor.name] else { throw .missingRange(tensor: tensor.name) }
      statistics.append(entry.statistics)
    }
    let equalized = equalized(graph, statistics)
    if equalized.graph != graph {
      statistics = equalized.graph.statistics(images) { progress("equalize", $0, $1) }
    }
    let preActivationRanges = preActivationRanges(of: equalized.graph, statistics)
    let evidence = Evidence(
      ranges: ranges(
        of: equalized.graph, statistics, calibration.method, images,
        hasCurve: preActivationRanges.map { $0 != nil }
      ) {
        progress("refine ranges", $0, $1)
      },
      preActivationRanges: preActivationRanges,
      channelMeans: statistics.map(\.channelMean), channelFactors: equalized.factors,
      images: images)
    return try best(equalized.graph, evidence, provenance, progress)
  }

  private func equalized(_ graph: Graph, _ statistics: [TensorStatistics]) -> EqualizedGraph {
    var equalized = EqualizedGraph(graph)
    let magnitudes = statistics.map { tensor in
      zip(tensor.channelMinimum, tensor.channelMaximum).map { Double(max(abs($0), abs($1))) }
    }
    if equalizesDepthwise {
      DepthwiseEqualization.apply(to: &equalized, channelMagnitude: magnitudes)
    }
    if equalizesChains { ChainEqualization.apply(to: &equalized, channelMagnitude: magnitudes) }
    return equalized
  }

  private func ranges(
    of graph: Graph, _ statistics: [TensorStatistics], _ calibrated: CalibrationMethod,
    _ images: [[Float]], hasCurve: [Bool], progress: (Int, Int) -> Void
  ) -> [ClosedRange<Double>] {
    let method =
      switch ranges {
      case .method(let method): method
      case .automatic: calibrated == .minMax ? graph.rangeMethod : calibrated
      }
    func chosen(by method: CalibrationMethod) -> [ClosedRange<Double>] {
      graph.tensors.indices.map { tensor in
        let reader = cutsTableInputs ? graph.onlyActivation(reading: tensor) : nil
        let range = method.range(statistics[tensor], readBy: reader)
        return Double(range.lowerBound)...Double(range.upperBound)
      }
    }
    guard refinesRanges else { return chosen(by: method) }
    return RangeRefinement(
      graph, ranges: chosen(by: method), bounds: chosen(by: .minMax), hasCurve: hasCurve
    ).ranges(images, progress: progress)
  }

  /// All that was seen, of the tensors that keep 16 bits in front of an h-swish.
  private func preActivationRanges(
    of graph: Graph, _ statistics: [TensorStatistics]
  ) -> [ClosedRange<Double>?] {
    graph.tensors.indices.map { tensor in
      guard int16 == .preActivation, graph.onlyActivation(reading: tensor) == .hardSwish else {
        return nil
      }
      let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: .hardSwish)
      return Double(range.lowerBound)...Double(range.upperBound)
    }
  }

  /// The model by the candidate that does best on images that it was not made with; made anew with
  /// all of them.
  private func best(
    _ graph: Graph, _ evidence: Evidence, _ provenance: Provenance,
    _ progress: (String, Int, Int) -> Void
  ) throws(QuantizationError) -> QuantizedModel {
    var best = candidates[0]
    if candidates.count > 1, evidence.images.count > 1 {
      let judges = evidence.images.indices.filter { $0 % Self.heldBack == 0 }
      var others = evidence
      others.images = evidence.images.indices.filter { $0 % Self.heldBack != 0 }
        .map { evidence.images[$0] }
      var ratio = -Double.infinity
      for candidate in candidates {
        let model = try Quantizer.quantize(graph, candidate, others, provenance: provenance) {
          progress("try \(candidate.correction.rawValue) bias correction", $0, $1)
        }
        let found = OutputError.signalToNoise(graph, model, judges.map { evidence.images[$0] })
        if found > ratio { (best, ratio) = (candidate, found) }
      }
    }
    return try Quantizer.quantize(graph, best, evidence, provenance: provenance) {
      progress("quantize", $0, $1)
    }
  }
}

extension Graph {
  /// Networks of clamps alone lose nothing by covering all that was seen; with h-swish, the tails
  /// are worth less than the resolution that covering them costs.
  fileprivate var rangeMethod: CalibrationMethod {
    let hasCurve = nodes.contains { node in
      if case .activation(let activation) = node.operation { return activation.clamp == nil }
      return false
    }
    return hasCurve ? .meanSquaredError : .minMax
  }

  /// The activation that reads `tensor`, where nothing else does.
  fileprivate func onlyActivation(reading tensor: Int) -> Activation? {
    let readers = consumers(of: tensor)
    guard readers.count == 1, tensor != output,
      case .activation(let activation) = nodes[readers[0]].operation
    else { return nil }
    return activation
  }
}
