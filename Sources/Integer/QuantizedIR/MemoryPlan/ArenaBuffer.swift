internal import Tensors

/// A buffer of the arena and the steps of the schedule during which its bytes matter.
package struct Lifetime: Hashable, Sendable {
  /// The tensor that owns the buffer.
  package let tensor: Int
  /// Size in bytes.
  package let bytes: Int
  /// Each from a layer that writes it (-1: before the first) to the last that reads that; in order,
  /// none over another. Several where rows are written anew for others.
  package let spans: [ClosedRange<Int>]

  /// From the first to the last.
  package var steps: ClosedRange<Int> {
    (spans.first?.lowerBound ?? -1)...(spans.last?.upperBound ?? -1)
  }
}

extension QuantizedModel {
  /// The tensor whose bytes `tensor` uses: itself, unless it is an alias.
  package func storage(of tensor: Int) -> Int { tensors[tensor].aliasOf ?? tensor }

  /// Where in the buffer of its storage `tensor` begins.
  func start(of tensor: Int) -> Int { tensors[tensor].aliasStart ?? 0 }

  /// The lifetimes of all activations, in order of birth.
  package var lifetimes: [Lifetime] {
    var uses: [Int: ByteUses] = [:]
    for input in inputs {
      uses[storage(of: input), default: ByteUses()].write(bytes(input), at: -1)
    }
    var begun: Set<Int> = []
    var begunStorage: Set<Int> = []
    let mixed = storageOfPartsAndPlaced
    for (step, layer) in layers.enumerated() {
      for tensor in layer.inputs where tensors[storage(of: tensor)].constant == nil {
        uses[storage(of: tensor), default: ByteUses()].read(bytes(tensor), at: step)
      }
      // A layer that fills a part of a tensor keeps what others have filled.
      let output = layer.output, owner = storage(of: output)
      let isFirst = begun.insert(output).inserted, isNew = begunStorage.insert(owner).inserted
      if isNew || isFirst && !(layer.operation.traits.isPart && mixed.contains(owner)) {
        uses[owner, default: ByteUses()].write(bytes(output), at: step)
      } else {
        uses[owner, default: ByteUses()].read(bytes(output), at: step)
      }
    }
    for output in outputs { uses[storage(of: output)]?.read(bytes(output), at: layers.count) }
    return uses.map { tensor, uses in
      Lifetime(tensor: tensor, bytes: tensors[tensor].byteCount, spans: uses.spans)
    }.sorted { ($0.steps.lowerBound, $0.tensor) < ($1.steps.lowerBound, $1.tensor) }
  }

  /// The tensors of which some layers fill parts, and others write a part as all of their output: what these
  /// wrote stays when the first of the others begins.
  private var storageOfPartsAndPlaced: Set<Int> {
    var (parts, wholes): (Set<Int>, Set<Int>) = ([], [])
    for layer in layers {
      if layer.operation.traits.isPart {
        parts.insert(storage(of: layer.output))
      } else {
        wholes.insert(storage(of: layer.output))
      }
    }
    return parts.intersection(wholes)
  }

  /// Which bytes of its storage `tensor` has.
  private func bytes(_ tensor: Int) -> Range<Int> {
    start(of: tensor)..<start(of: tensor) + tensors[tensor].byteCount
  }
}

/// Which layers write and read the bytes of each tensor.
package struct TensorUses: Sendable {
  /// By the tensor that owns the bytes: the first and the last layer.
  private var span: [Int: ClosedRange<Int>] = [:]
  /// The same of the layers that write it.
  private var writers: [Int: ClosedRange<Int>] = [:]
  /// Those whose bytes are of the caller, or that have other names.
  private var outside: Set<Int>
  /// The layer that takes rows of the image as they arrive; `nil` where the whole image is there.
  let arrival: Int?

  /// - Parameter arrival: As of `QuantizedModel.takingRows`.
  package init(_ model: QuantizedModel, arrival: Int? = nil) {
    self.arrival = arrival
    outside = Set((model.inputs + model.outputs).map(model.storage))
    outside.formUnion(model.tensors.compactMap(\.aliasOf))
    for (index, layer) in model.layers.enumerated() {
      for tensor in layer.inputs + [layer.output] {
        let owner = model.storage(of: tensor)
        span[owner] = min(span[owner]?.lowerBound ?? index, index)...index
      }
      let owner = model.storage(of: layer.output)
      writers[owner] = min(writers[owner]?.lowerBound ?? index, index)...index
    }
  }

  /// Whether the image arrives in `layers`.
  package func takesRows(_ layers: Range<Int>) -> Bool { arrival.map(layers.contains) ?? false }

  /// Whether `layers` alone write `tensor`. Rows of it would not begin with the layer that makes them
  /// where another one has left its part of them before.
  func areWritten(by layers: Range<Int>, _ tensor: Int) -> Bool {
    writers[tensor].map { layers.contains($0.lowerBound) && layers.contains($0.upperBound) } ?? true
  }

  /// Whether `layers` alone write and read `tensor`, as it is.
  func areWithin(_ layers: Range<Int>, _ tensor: Int) -> Bool {
    guard let span = span[tensor], !outside.contains(tensor) else { return false }
    return layers.contains(span.lowerBound) && layers.contains(span.upperBound)
  }
}

/// When bytes of one buffer are written and read.
private struct ByteUses {
  private var uses: [(bytes: Range<Int>, step: Int, isWrite: Bool)] = []

  mutating func write(_ bytes: Range<Int>, at step: Int) { uses.append((bytes, step, true)) }

  mutating func read(_ bytes: Range<Int>, at step: Int) { uses.append((bytes, step, false)) }

  /// From each write to the last read of a byte of it before that is written again.
  var spans: [ClosedRange<Int>] {
    let cuts = Set(uses.flatMap { [$0.bytes.lowerBound, $0.bytes.upperBound] }).sorted()
    var place: [Int: Int] = [:]
    for (index, cut) in cuts.enumerated() { place[cut] = index }
    /// The last read of each piece that was seen so far, from the end on.
    var needed = [Int?](repeating: nil, count: cuts.count)
    var spans: [ClosedRange<Int>] = []
    for use in uses.reversed() {
      guard let first = place[use.bytes.lowerBound], let end = place[use.bytes.upperBound] else {
        continue
      }
      let pieces = first..<end
      if use.isWrite {
        spans.append(use.step...(pieces.lazy.compactMap { needed[$0] }.max() ?? use.step))
        for piece in pieces { needed[piece] = nil }
      } else {
        for piece in pieces where needed[piece] == nil { needed[piece] = use.step }
      }
    }
    // A network reads what nobody has written where an output is no layer's.
    if let read = needed.compactMap({ $0 }).max() { spans.append(-1...read) }
    return spans.joined
  }
}

/// Bytes of the arena that one tensor, or the working memory of one kernel, needs for a while.
struct ArenaBuffer: Hashable {
  /// `nil` for the working memory of a kernel.
  var tensor: Int?
  /// Rounded up to the plan's alignment.
  var bytes: Int
  /// As of `Lifetime`; of working memory, the steps that use it.
  var spans: [ClosedRange<Int>]
  /// From the first step of all to the last.
  var steps: ClosedRange<Int>

  init(tensor: Int?, bytes: Int, spans: [ClosedRange<Int>]) {
    self.tensor = tensor
    self.bytes = bytes.roundedUp(to: MemoryPlan.alignment)
    self.spans = spans
    steps = (spans.first?.lowerBound ?? -1)...(spans.last?.upperBound ?? -1)
  }

  /// Every buffer of `model`: tensors in order of birth, then working memory, which steps of one
  /// number in `KernelMemory.sharing` share.
  static func all(in model: QuantizedModel, _ memory: [KernelMemory]) -> [ArenaBuffer] {
    var buffers = model.lifetimes.map {
      ArenaBuffer(tensor: $0.tensor, bytes: $0.bytes, spans: $0.spans)
    }
    var shared: [Int: Int] = [:]
    for (step, memory) in memory.enumerated() where memory.scratchBytes > 0 {
      let work = ArenaBuffer(tensor: nil, bytes: memory.scratchBytes, spans: [step...step])
      guard let number = memory.sharing else {
        buffers.append(work)
        continue
      }
      if let buffer = shared[number] {
        buffers[buffer].bytes = max(buffers[buffer].bytes, work.bytes)
        buffers[buffer].spans.append(step...step)
        buffers[buffer].steps = buffers[buffer].steps.lowerBound...step
      } else {
        shared[number] = buffers.count
        buffers.append(work)
      }
    }
    return buffers
  }

  /// The pairs of spans of both that have steps in common, in order.
  func meetings(with other: ArenaBuffer) -> [(ClosedRange<Int>, ClosedRange<Int>)] {
    var (mine, theirs) = (0, 0)
    var meetings: [(ClosedRange<Int>, ClosedRange<Int>)] = []
    while mine < spans.count, theirs < other.spans.count {
      if spans[mine].overlaps(other.spans[theirs]) {
        meetings.append((spans[mine], other.spans[theirs]))
      }
      if spans[mine].upperBound < other.spans[theirs].upperBound { mine += 1 } else { theirs += 1 }
    }
    return meetings
  }

  /// Whether it is alive at `step`.
  func isAlive(at step: Int) -> Bool { spans.contains { $0.contains(step) } }
}

extension [ArenaBuffer] {
  /// The buffers that are alive while each step runs, in order, for `steps` of them.
  func alive(during steps: Int) -> [[Int]] {
    var alive = [[Int]](repeating: [], count: steps)
    for (index, buffer) in enumerated() {
      for step in buffer.spans.joined() where alive.indices.contains(step) {
        alive[step].append(index)
      }
    }
    return alive
  }

  /// For each buffer, those before it that are alive at one of its steps, in order.
  var earlierOverlapping: [[Int]] {
    var born: [Int: [Int]] = [:]
    for (index, buffer) in enumerated() { born[buffer.steps.lowerBound, default: []].append(index) }
    // Whoever is alive at a buffer's first step was born then or was alive a step before.
    var alive: [Int] = []
    var found = [[Int]](repeating: [], count: count)
    for step in born.keys.sorted() {
      alive.removeAll { self[$0].steps.upperBound < step }
      for index in born[step] ?? [] {
        for other in alive where !self[index].meetings(with: self[other]).isEmpty {
          found[Swift.max(index, other)].append(Swift.min(index, other))
        }
        alive.append(index)
      }
    }
    return found.map { $0.sorted() }
  }
}

extension Int {
  /// The least multiple of `unit` that is not smaller.
  func roundedUp(to unit: Int) -> Int {
    let remainder = ((self % unit) + unit) % unit
    return remainder == 0 ? self : self + unit - remainder
  }
}
