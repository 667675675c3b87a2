package import Tensors

/// Which parts of its input a kernel may write over: a statement about the order in which it reads
/// and writes, made beside the kernel. Disjoint buffers are always allowed.
///
/// Distances are where the input begins less where the output begins, in bytes.
package enum Overlap: Hashable, Sendable {
  /// None: some input is still needed when the last of the output is written.
  case none
  /// The output trails the input: any distance from this one on. It may be negative.
  case trailing(distance: Int)
  /// All that the kernel writes over, it has read before: distances that are multiples of this.
  case multiples(of: Int)

  /// Everything is read before anything is written.
  package static let anywhere = Overlap.multiples(of: 1)

  /// The output may take the input's place, and nothing else.
  package static let inPlace = Overlap.multiples(of: .max)

  /// Whether the output may lie at `distance`, where the two are not disjoint.
  package func allows(distance: Int) -> Bool {
    switch self {
    case .none: false
    case .trailing(let least): distance >= least
    case .multiples(let unit): distance % unit == 0
    }
  }

  /// What holds where the kernel runs for `images` images, one behind the other in both buffers.
  package func repeated(images: Int, inputBytes: Int, outputBytes: Int) -> Overlap {
    guard images > 1 else { return self }
    let growth = outputBytes - inputBytes
    // Behind each image but the last one, the next is still needed.
    let between = max(growth, (images - 1) * growth)
    switch self {
    case .none: return .none
    case .trailing(let least):
      return .trailing(distance: max(least, least + (images - 1) * growth, between))
    case .multiples(let unit): return unit == 1 ? .trailing(distance: between) : .none
    }
  }

  /// What holds for the buffers of which input and output are parts, where the output's begins
  /// `bytes` further behind its start than the input's does.
  func shifted(by bytes: Int) -> Overlap {
    switch self {
    case .none: .none
    case .trailing(let least): .trailing(distance: least + bytes)
    case .multiples(let unit): unit == 1 || bytes == 0 ? self : .none
    }
  }

  /// What holds for a buffer that a kernel reads twice.
  package func intersection(_ other: Overlap) -> Overlap {
    switch (self, other) {
    case (.trailing(let a), .trailing(let b)): .trailing(distance: max(a, b))
    default: self == other ? self : .none
    }
  }

  /// The most bytes that an input and an output of these sizes may share.
  func sharedBytes(input: Int, output: Int) -> Int {
    switch self {
    case .none: 0
    case .multiples: min(input, output)
    case .trailing(let least):
      max(0, min(output - max(least, 0).roundedUp(to: MemoryPlan.alignment), input))
    }
  }
}

/// What the kernel of a layer asks of the arena beside the layer's tensors, and what it spares.
package struct KernelMemory: Hashable, Sendable {
  /// Working memory while it runs, which overlaps nothing.
  package var scratchBytes: Int
  /// Which inputs may be written over, one for each operand.
  package var overlaps: [Overlap]
  /// Layers of one number have their working memory in one place; `nil` for a place of its own.
  package var sharing: Int?

  package init(scratchBytes: Int = 0, overlaps: [Overlap], sharing: Int? = nil) {
    self.scratchBytes = scratchBytes
    self.overlaps = overlaps
    self.sharing = sharing
  }
}

extension Operation {
  /// What the kernel that defines the arithmetic asks of the arena.
  package var portableMemory: KernelMemory { KernelMemory(overlaps: traits.overlaps) }
}

extension QuantizedModel {
  /// What the kernels that define the arithmetic ask, layer by layer.
  package var portableMemory: [KernelMemory] { layers.map(\.operation.portableMemory) }

  /// Where the output of layer `step` may lie over the bytes of `tensor`, which it reads.
  func overlap(at step: Int, of tensor: Int, _ memory: KernelMemory) -> Overlap {
    let layer = layers[step]
    let counts = layer.operation.byteCounts
    let images = tensors[layer.output].byteCount / counts.output
    return layer.inputs.indices.filter { storage(of: layer.inputs[$0]) == storage(of: tensor) }
      .map {
        memory.overlaps[$0].repeated(
          images: images, inputBytes: counts.inputs[$0], outputBytes: counts.output)
      }
      .reduce(nil) { $0?.intersection($1) ?? $1 } ?? .none
  }
}

/// What one buffer means for the place of another that is alive at the same time.
struct Neighbor: Hashable {
  enum Relation: Hashable {
    /// They may not share a byte.
    case apart
    /// The neighbor is an input that this buffer is written over.
    case input(Overlap)
    /// The neighbor is the output, written over this buffer.
    case output(Overlap)
  }

  /// Index of the other buffer.
  let buffer: Int
  let relation: Relation

  /// The neighbors of each buffer.
  static func all(
    _ buffers: [ArenaBuffer], _ model: QuantizedModel, _ memory: [KernelMemory]
  ) -> [[Neighbor]] {
    var neighbors = [[Neighbor]](repeating: [], count: buffers.count)
    for (index, earlier) in buffers.earlierOverlapping.enumerated() {
      for other in earlier {
        let overlap = overlap(of: buffers[index], over: buffers[other], model, memory)
        neighbors[index].append(
          Neighbor(buffer: other, relation: overlap.map(Relation.input) ?? .apart))
        neighbors[other].append(
          Neighbor(buffer: index, relation: overlap.map(Relation.output) ?? .apart))
      }
    }
    return neighbors
  }

  /// How `output` may lie over `input`; `nil` where all of `input` is needed later, or parts of it
  /// are written later.
  private static func overlap(
    of output: ArenaBuffer, over input: ArenaBuffer, _ model: QuantizedModel,
    _ memory: [KernelMemory]
  ) -> Overlap? {
    guard let source = input.tensor, let target = output.tensor else { return nil }
    var overlap: Overlap?
    for (writing, reading) in output.meetings(with: input) {
      guard writing.lowerBound >= 0, reading.upperBound < model.layers.count,
        reading.lowerBound < writing.lowerBound,
        let one = Self.overlap(
          of: target, over: source, during: writing.lowerBound...reading.upperBound, model, memory)
      else { return nil }
      overlap = overlap?.intersection(one) ?? one
    }
    return overlap
  }

  /// The same from the first step that writes `target` to the last one that reads `source`.
  private static func overlap(
    of target: Int, over source: Int, during steps: ClosedRange<Int>, _ model: QuantizedModel,
    _ memory: [KernelMemory]
  ) -> Overlap? {
    /// The first byte of `source` that a later step reads.
    var needed: Int?
    var overlap: Overlap?
    for step in steps.reversed() {
      let layer = model.layers[step]
      guard model.storage(of: layer.output) != source else { return nil }
      let read = layer.inputs.filter { model.storage(of: $0) == source }.map(model.start).min()
      defer { needed = [needed, read].compactMap { $0 }.min() }
      guard model.storage(of: layer.output) == target else { continue }
      let begin = model.start(of: layer.output)
      let end = begin + model.tensors[layer.output].byteCount
      if let read {
        let one = model.overlap(at: step, of: source, memory[step]).shifted(by: begin - read)
        overlap = overlap?.intersection(one) ?? one
      }
      if let needed {
        guard needed > 0 else { return nil }
        let one = Overlap.trailing(distance: end - needed)
        overlap = overlap?.intersection(one) ?? one
      }
    }
    return overlap
  }

  /// The least offset, from `offset` on, at which `bytes` bytes do not disturb the neighbor, whose
  /// bytes are `place`. Offsets are multiples of the plan's alignment.
  func leastOffset(from offset: Int, bytes: Int, place: Range<Int>) -> Int {
    guard offset < place.upperBound, offset + bytes > place.lowerBound else { return offset }
    switch relation {
    case .apart, .input(.none), .output(.none):
      return place.upperBound
    case .input(.trailing(let distance)):
      return place.lowerBound - offset >= distance ? offset : place.upperBound
    case .output(.trailing(let distance)):
      let least = (place.lowerBound + distance).roundedUp(to: MemoryPlan.alignment)
      return min(max(offset, least), place.upperBound)
    case .input(.multiples(let unit)), .output(.multiples(let unit)):
      var candidate = offset
      while candidate < place.upperBound, (candidate - place.lowerBound) % unit != 0 {
        candidate += MemoryPlan.alignment
      }
      return candidate
    }
  }
}

/// The order of a kernel that goes over its output pixel by pixel, row after row, and writes all
/// channels of some pixels at a time.
package struct WindowOrder: Hashable, Sendable {
  package var input: Extent
  package var output: Extent
  package var stride: Extent
  package var padding: Extent
  package var inputChannels: Int
  package var outputChannels: Int
  /// How many pixels are written at a time.
  package var block: Int
  /// Whether what is left at the end is a smaller block; else it follows one by one.
  package var endsTogether: Bool
  /// Whether all input of a block has been read when the first byte of it is written.
  package var readsBlockFirst: Bool

  package init(
    input: Extent, output: Extent, stride: Extent, padding: Extent, inputChannels: Int,
    outputChannels: Int, block: Int = 1, endsTogether: Bool = false, readsBlockFirst: Bool = false
  ) {
    self.input = input
    self.output = output
    self.stride = stride
    self.padding = padding
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.block = block
    self.endsTogether = endsTogether
    self.readsBlockFirst = readsBlockFirst
  }

  /// The least distance at which no block is written over input that it or a later one needs:
  /// the most, over all blocks, of the bytes written up to its end less the first byte needed.
  package var overlap: Overlap {
    var distance: Int?
    var pixel = 0
    while pixel < output.count {
      let end = blockEnd(pixel)
      let next = readsBlockFirst ? end : pixel
      if next < output.count {
        distance = max(distance ?? .min, end * outputChannels - firstByteNeeded(next))
      }
      pixel = end
    }
    return distance.map(Overlap.trailing) ?? .anywhere
  }

  /// Where the block that begins with `pixel` ends.
  private func blockEnd(_ pixel: Int) -> Int {
    if pixel + block <= output.count { return pixel + block }
    return endsTogether ? output.count : pixel + 1
  }

  /// The first byte of the input that output pixel `pixel` or a later one reads, at least. Of the
  /// later ones it is the next in the same row, or the first of the next row.
  private func firstByteNeeded(_ pixel: Int) -> Int {
    let row = pixel / output.width
    let here = firstPixelRead(row, pixel % output.width)
    let below = row + 1 < output.height ? firstPixelRead(row + 1, 0) : input.count
    return min(here, below) * inputChannels
  }

  /// The first pixel of the input that the output pixel there reads, at least: one past the end
  /// where it reads padding below the image.
  private func firstPixelRead(_ row: Int, _ column: Int) -> Int {
    let y = row * stride.height - padding.height
    let x = column * stride.width - padding.width
    guard y < input.height else { return input.count }
    return max(y, 0) * input.width + min(max(x, 0), input.width)
  }
}
