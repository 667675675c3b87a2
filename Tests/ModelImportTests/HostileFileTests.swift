import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Damaged files are errors, or by chance networks; they never trap.
@Suite struct HostileFileTests {
  static let files = ["folded", "pooled", "viewed", "keras-like"]

  @Test(arguments: files)
  func cutAtEveryByte(_ name: String) throws {
    let bytes = try Data(contentsOf: Locations.fixtures.appending(path: "\(name).onnx"))
    for count in 0..<bytes.count {
      do throws(ImportError) {
        _ = try ModelImporter.load(bytes: bytes.prefix(count), name: name)
        // Nothing that matters stands behind the graph but the operator set and the metadata.
        #expect(count > bytes.count * 9 / 10)
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test(arguments: files)
  func flippedBytes(_ name: String) throws {
    let bytes = try Data(contentsOf: Locations.fixtures.appending(path: "\(name).onnx"))
    var random = SplitMix64(seed: 1)
    var refusals = 0
    for _ in 0..<4000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      do throws(ImportError) {
        if case .float(let graph) = try ModelImporter.load(bytes: damaged, name: name) {
          _ = graph.simplified()
        }
      } catch {
        refusals += 1
      }
    }
    #expect(refusals > 1000)
  }

  @Test func namesTheByteWhereAFileBreaksOff() throws {
    let bytes = try Data(contentsOf: Locations.fixtures.appending(path: "folded.onnx"))
    let error = #expect(throws: ImportError.self) {
      try ModelImporter.load(bytes: bytes.prefix(1000), name: "folded")
    }
    guard case .damaged(let offset?, _) = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    // The graph, the longest field, starts behind the version and the producer's name.
    #expect(
      error?.description
        == "damaged at byte \(offset): a field of \(bytes.count - offset - 3 - 4) bytes where "
        + "\(1000 - offset - 3) are left; export or copy the file again")
  }

  @Test(arguments: [
    Data(), Data("hello".utf8), Data(repeating: 0xff, count: 100), Data("PK\u{3}\u{4}zip".utf8),
  ])
  func otherFiles(_ bytes: Data) {
    #expect(throws: ImportError.notAModel) { try ModelImporter.load(bytes: bytes, name: "x") }
  }
}
