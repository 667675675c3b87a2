import Calibration
import Datasets
import Foundation
import Pipeline
import QuantizedIR
import Testing

/// What a workspace keeps from one step to the next.
@Suite struct WorkspaceTests {
  private let way: SmallWay

  init() throws { way = try SmallWay() }

  private func open() throws -> Workspace { try Workspace(way.path("w")) }

  /// Calibrates on `count` images and remembers that.
  private func calibrate(count: Int) async throws {
    var workspace = try open()
    // No process writes over what it has read.
    let file = way.path("w/\(count).json")
    try CalibrationFile.write(
      try await way.calibrated(count: count).table, to: file, images: way.source.path)
    try workspace.remember(model: way.float, calibration: file)
  }

  /// How often an int8 model was made, and how often the one that was there was another.
  private var made: (anew: Int, others: Int) {
    way.events.reduce((0, 0)) { counts, event in
      switch event {
      case .quantizing: (counts.0 + 1, counts.1)
      case .otherFile: (counts.0, counts.1 + 1)
      default: counts
      }
    }
  }

  @Test func aModelIsMadeAnewOnlyWhenItsSourcesChange() async throws {
    try await calibrate(count: 8)
    var workspace = try open()
    let first = try way.pipeline.currentModel(of: way.float, in: &workspace).model
    #expect(made == (1, 0))
    workspace = try open()
    #expect(try way.pipeline.currentModel(of: way.float, in: &workspace).model == first)
    #expect(made == (1, 0))
    try await calibrate(count: 2)
    workspace = try open()
    #expect(try way.pipeline.currentModel(of: way.float, in: &workspace).model != first)
    #expect(made == (2, 0))
  }

  @Test func anotherFileThereIsNotTheModel() async throws {
    try await calibrate(count: 2)
    var workspace = try open()
    let model = try way.pipeline.currentModel(of: way.float, in: &workspace).model
    try Data("mine".utf8).write(to: URL(filePath: workspace.defaultQuantized))
    workspace = try open()
    #expect(try way.pipeline.currentModel(of: way.float, in: &workspace).model == model)
    #expect(made == (2, 1))
  }

  /// Who was warned by one command is not warned by the next.
  @Test func warningsAreToldOnce() async throws {
    try await calibrate(count: 2)
    var workspace = try open()
    #expect(workspace.untold(["a", "b"], by: "calibrate") == ["a", "b"])
    workspace = try open()
    #expect(workspace.untold(["a", "c"], by: "quantize") == ["c"])
    #expect(workspace.untold(["a"], by: "calibrate") == ["a"])
    #expect(workspace.untold(["a"], by: "compare", about: way.path("other.mnq")) == ["a"])
  }

  /// Parts of a calibration, in any order, are the whole.
  @Test func mergedPartsEqualOneRun() async throws {
    let images = try way.pipeline.images(way.source, .train, for: way.graph)
    var parts: [CalibrationFile] = []
    for part in [3, 1, 2] {
      let table = try await way.pipeline.calibrate(
        way.float, way.graph, on: images, count: 40, shards: CalibrationShards(part, of: 3))
      parts.append(try CalibrationFile(table, path: "\(part).json"))
    }
    #expect(try way.pipeline.merge(parts) == (try await way.calibrated().table))
    #expect(throws: PipelineError.self) { try way.pipeline.merge([parts[0], parts[0]]) }
  }
}
