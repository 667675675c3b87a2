import Files
import MobileNets
import NetworkGraph
import Testing

@Suite struct WeightFileTests {
  /// A file with the names and shapes that the framework has is taken whole.
  @Test(arguments: OracleCase.withWeights) func takesTheFrameworksNames(_ oracle: OracleCase) throws
  {
    let file = try weights(oracle)
    let graph = try Architecture(oracle.architecture).graph(weights: .file(file))
    #expect(GraphSummary(graph).parameters == oracle.parameters)
  }

  private static let oracle = OracleCase.withWeights.first {
    $0.architecture.hasPrefix("mobilenet-v3-small")
  }

  @Test func namesWhatIsMissing() throws {
    let error = try failure { $0.tensors["features.2.block.0.1.running_var"] = nil }
    #expect(
      error?.description
        == "tensor 'features.2.block.0.1.running_var' of shape [24] is missing, the nearest name "
        + "found is 'features.1.block.0.1.running_var'; check the family and style that "
        + "--architecture names, or see Docs/Models.md for how to save the file")
  }

  @Test func namesWhatStandsInFrontOfNames() throws {
    let error = try failure { file in
      file.tensors = Dictionary(
        uniqueKeysWithValues: file.tensors.map { ("module." + $0, $1) })
    }
    guard case .missing(let tensor, _, let nearest) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(nearest == "module." + tensor)
    let none = try failure { $0.tensors = [:] }
    #expect(none?.description.contains("] is missing; check") == true)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func namesWhatIsNotFinite(_ value: Float) throws {
    let error = try failure { $0.tensors["classifier.3.bias"] = .init([0, 0, 0, value, 0, 0, 0]) }
    #expect(error == .notFinite(tensor: "classifier.3.bias", index: 3, value: "\(value)"))
  }

  @Test func namesANegativeVariance() throws {
    let name = "features.2.block.0.1.running_var"
    let error = try failure { file in
      var values = [Float](repeating: 1, count: 24)
      values[5] = -0.5
      file.tensors[name] = SafetensorsTensor(values)
    }
    #expect(error == .negativeVariance(tensor: name, index: 5, value: -0.5))
    #expect(error?.description.contains("'\(name)' holds the variance -0.5 at index 5") == true)
  }

  @Test func namesAWrongShape() throws {
    let error = try failure { file in
      file.tensors["classifier.3.bias"] = SafetensorsTensor([Float](repeating: 0, count: 9))
    }
    #expect(error == .shape(tensor: "classifier.3.bias", expected: [7], found: [9]))
  }

  @Test func namesAWrongType() throws {
    let error = try failure { file in
      file.tensors["classifier.3.bias"] = SafetensorsTensor([Int32](repeating: 0, count: 7))
    }
    #expect(error == .type(tensor: "classifier.3.bias", found: "I32"))
  }

  @Test func namesWhatIsLeftOver() throws {
    let error = try failure { file in
      file.tensors["z.weight"] = SafetensorsTensor([1 as Float])
      file.tensors["features.0.1.num_batches_tracked"] = SafetensorsTensor([1 as Int64])
    }
    #expect(error == .unused(tensor: "z.weight", count: 1))
  }

  private func failure(_ damage: (inout Safetensors) -> Void) throws -> BuildError? {
    let oracle = try #require(Self.oracle)
    var file = try weights(oracle)
    damage(&file)
    let architecture = try Architecture(oracle.architecture)
    return #expect(throws: BuildError.self) { try architecture.graph(weights: .file(file)) }
  }

  private func weights(_ oracle: OracleCase) throws -> Safetensors {
    let shapes = try #require(oracle.weights)
    return Safetensors(
      tensors: shapes.mapValues { shape in
        let values = SafetensorsTensor([Float](repeating: 1, count: shape.reduce(1, *)))
        return SafetensorsTensor(dtype: "F32", shape: shape, bytes: values.bytes)
      }, metadata: [:])
  }
}
