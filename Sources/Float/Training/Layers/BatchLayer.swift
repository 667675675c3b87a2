internal import Tensors

/// A node of a network over a batch of images, forward and backward.
///
/// Activations are `[image][value of the tensor]`, NHWC.
protocol BatchLayer: AnyObject {
  /// Floats of memory that a thread needs for itself.
  var scratchCount: Int { get }
  /// Floats that one part of a batch needs for the sums that it gives the gradients.
  var partialCount: Int { get }
  /// Whether the input's gradient may be written over that of the output.
  var replacesGradient: Bool { get }

  /// Writes the output.
  func forward(_ step: LayerStep)

  /// Sets the gradients of parameters, and those of the inputs that ask for one.
  func backward(_ step: LayerStep)
}

extension BatchLayer {
  var scratchCount: Int { 0 }
  var partialCount: Int { 0 }
  var replacesGradient: Bool { false }
}

/// One layer's part in a step over a batch.
struct LayerStep {
  typealias Values = UnsafeMutablePointer<Float>

  let images: Int
  let mode: BatchMode
  /// Of the step: what chance decides in it follows from this.
  let seed: UInt64
  let inputs: [Values]
  let output: Values
  /// Of the output; set during `backward` alone.
  var upstream: Values?
  /// Of the inputs, to be set; `nil` where nobody asks.
  var gradients: [Values?] = []
  let parameters: Parameters
  let team: Team
  let memory: StepMemory

  /// The gradient that arrives at the output.
  var arriving: Values {
    guard let upstream else { preconditionFailure("backward without a gradient") }
    return upstream
  }

  var parts: Parts { Parts(images) }

  /// Runs `body` once a part of the batch.
  func eachPart(_ body: (_ images: Range<Int>, _ thread: Int) -> Void) {
    let parts = parts
    team.run(parts.count) { part, thread in body(parts[part], thread) }
  }

  func scratch(_ thread: Int) -> Values {
    memory.scratch.start + thread * memory.scratchStride
  }

  /// Runs `body` once a part of the batch, each with `count` zeros to add its sums to, and adds the
  /// parts' sums up in order into `gradient`.
  func sumOverParts(
    _ count: Int, into gradient: Values,
    _ body: (_ images: Range<Int>, _ sums: Values, _ thread: Int) -> Void
  ) {
    let parts = parts
    let partials = memory.partials.start
    team.run(parts.count) { part, thread in
      let sums = partials + part * count
      sums.update(repeating: 0, count: count)
      body(parts[part], sums, thread)
    }
    let pieces = min(count, Parts.most)
    team.run(pieces) { piece, _ in
      for index in piece * count / pieces..<(piece + 1) * count / pieces {
        var sum: Float = 0
        for part in 0..<parts.count { sum += partials[part * count + index] }
        gradient[index] = sum
      }
    }
  }
}

/// What normalizations and dropout do.
package enum BatchMode: Sendable {
  /// Statistics of the batch, which are gathered; values drop out.
  case training
  /// Gathered statistics; values drop out.
  case tuning
  /// Gathered statistics; nothing drops out.
  case evaluation
}

/// Memory that all layers use in turn.
struct StepMemory {
  let scratch: Floats
  /// Floats of a thread.
  let scratchStride: Int
  /// Sums of the parts of a batch.
  let partials: Floats

  init(_ layers: [any BatchLayer], threads: Int) {
    // A whole number of cache lines, so that threads do not share one.
    scratchStride = ((layers.map(\.scratchCount).max() ?? 0) + 31) / 16 * 16
    scratch = Floats(scratchStride * threads)
    partials = Floats(Parts.most * (layers.map(\.partialCount).max() ?? 0))
  }
}

/// A batch cut into parts of images over which sums are taken one by one, and folded in order.
struct Parts {
  let images: Int
  /// Of a part; the last one may have fewer.
  private let length: Int
  let count: Int

  /// Whatever the number of threads; more parts than this would only cost memory.
  static let most = 8

  init(_ images: Int) {
    self.images = images
    length = (images + Self.most - 1) / Self.most
    count = (images + length - 1) / length
  }

  subscript(part: Int) -> Range<Int> { part * length..<min(images, (part + 1) * length) }
}
