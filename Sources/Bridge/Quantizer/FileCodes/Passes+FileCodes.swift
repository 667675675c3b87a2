internal import Calibration
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Passes {
  /// Quantizes `graph` with the scales, zero points and weights that its file has.
  ///
  /// Ranges of `calibration` serve the tensors that the file leaves in float. Those between a layer
  /// of sums and its activation keep 16 bits, since the file does not round them.
  ///
  /// - Parameter isExact: Whether results are rounded as a runtime of int8 files rounds them, twice,
  ///   rather than once.
  func quantizeAsInFile(
    _ graph: Graph, _ calibration: CalibrationTable, provenance: Provenance, isExact: Bool
  ) throws(QuantizationError) -> QuantizedModel {
    let file = FileCodes(graph)
    let parameters = file.parameters
    var statistics: [TensorStatistics] = []
    for tensor in file.graph.tensors {
      guard let entry = calibration[tensor.name] else { throw .missingRange(tensor: tensor.name) }
      statistics.append(entry.statistics)
    }
    let curves = file.graph.tensors.indices.map { tensor -> ClosedRange<Double>? in
      guard parameters[tensor] == nil,
        let activation = file.graph.onlyActivation(reading: tensor), activation.clamp == nil
      else { return nil }
      let range = CalibrationMethod.minMax.range(statistics[tensor], readBy: activation)
      return Double(range.lowerBound)...Double(range.upperBound)
    }
    let plain = Passes(ranges: ranges)
    var evidence = Evidence(
      ranges: plain.ranges(
        of: file.graph, statistics, calibration.method, [], hasCurve: curves.map { $0 != nil }
      ) { _, _ in },
      preActivationRanges: curves, channelMeans: statistics.map(\.channelMean),
      channelFactors: statistics.map { _ in nil }, histograms: statistics.map { _ in nil },
      images: [], widensInput: true)
    evidence.given = parameters
    return try Quantizer.quantize(
      file.graph, .asInFile(roundsOnce: !isExact), evidence, provenance: provenance)
  }
}
