private import Foundation
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Which tensors to give 16-bit codes: those whose int8 codes cost the output most for every byte
/// that the wider ones take, while the arena stays within its limit and until the output is good
/// enough.
///
/// Noise of different tensors adds up: their rounding errors know nothing of one another.
struct WideSearch {
  /// A tensor that may have 16-bit codes.
  struct Candidate {
    /// In the graph.
    let tensor: Int
    let name: String
    /// What 16 bits add.
    let bytes: Int
    /// What int8 codes leave in the output, over the power of the output.
    let noise: Double
  }

  /// An output of this many dB is good enough, and int8 that reaches it stays as it is.
  static let goal = 30.0
  /// A tensor that brings fewer dB than this is not worth its bytes and cycles.
  static let leastGain = 0.1
  /// How often tensors are added at most, each time by what the last ones left.
  static let rounds = 4

  /// The int8 model to widen: its layers and tensors; its constants do not matter.
  let model: QuantizedModel
  /// The most bytes that the arena with portable kernels may take; `nil` for any number.
  let arenaLimit: Int?

  /// The chosen ones among `candidates`, best first.
  ///
  /// - Parameters:
  ///   - noise: That of the output before, over its power.
  ///   - before: Those chosen already, which are not chosen again.
  func chosen(
    _ candidates: [Candidate], noise: Double, beside before: [Candidate]
  ) -> [Candidate] {
    var rest = noise
    var found: [Candidate] = []
    let excluded = Set(before.map(\.tensor))
    let names = Set(model.tensors.map(\.name))
    let order = candidates.filter { !excluded.contains($0.tensor) && names.contains($0.name) }
      .sorted { $0.noise * Double($1.bytes) > $1.noise * Double($0.bytes) }
    for candidate in order where rest > pow(10, -Self.goal / 10) {
      // What is left is never less than nothing, whatever the measurements add up to.
      let less = max(rest - candidate.noise, rest / 1000)
      guard 10 * log10(rest / less) >= Self.leastGain, fits(before + found + [candidate]) else {
        continue
      }
      found.append(candidate)
      rest = less
    }
    if let arenaLimit {
      while !found.isEmpty, plan(before + found).arenaBytes > arenaLimit { found.removeLast() }
    }
    return found
  }

  private func plan(_ candidates: [Candidate]) -> MemoryPlan {
    MemoryPlan(widened(candidates), goal: arenaLimit ?? 0)
  }

  /// Whether some plan may fit.
  private func fits(_ candidates: [Candidate]) -> Bool {
    guard let arenaLimit else { return true }
    let wide = widened(candidates)
    return MemoryPlan.leastBytes(wide, wide.portableMemory).allSatisfy { $0 <= arenaLimit }
  }

  private func widened(_ candidates: [Candidate]) -> QuantizedModel {
    let names = Set(candidates.map(\.name))
    let tensors = model.tensors.indices.filter { names.contains(model.tensors[$0].name) }
    return model.widened(Set(tensors))
  }
}
