internal import Tensors

/// Neighboring layers that run some rows at a time, each as soon as a later one needs its rows.
///
/// What is written and read within the chain alone is kept as a ring: as many rows as are still
/// needed. All other tensors are whole, and no row is computed twice.
package struct Chain: Hashable, Sendable {
  /// Of the model's layers.
  package let layers: Range<Int>
  /// How many bytes of its output a layer makes at a time, at most, if a row has no more: rows
  /// follow.
  private let stepBytes: Int
  /// How many rows of a tensor are made at a time, where it does not follow. All parts of a concatenation
  /// make as many: rows that one part begins are those that the others continue.
  private var rows: [Int: Int] = [:]

  package init(layers: Range<Int>, stepBytes: Int) {
    self.layers = layers
    self.stepBytes = stepBytes
  }

  /// As many rows as `stepBytes` hold, or as were chosen, spread over equal steps; at least one.
  func rowsAtOnce(_ layer: Int, in model: QuantizedModel) -> Int {
    let output = model.layers[layer].output
    let tensor = model.tensors[output]
    let height = tensor.shape.height
    let most = min(max(rows[output] ?? (stepBytes / (tensor.byteCount / height)), 1), height)
    return height.dividedUp(by: height.dividedUp(by: most))
  }

  /// The same with one step of `layer`, and of all that write its output, less; `nil` where it has one.
  package func withFewerSteps(of layer: Int, in model: QuantizedModel) -> Chain? {
    let height = model.tensors[model.layers[layer].output].shape.height
    let steps = height.dividedUp(by: rowsAtOnce(layer, in: model))
    guard steps > 1 else { return nil }
    var chain = self
    chain.rows[model.layers[layer].output] = height.dividedUp(by: steps - 1)
    return chain
  }
}

extension Int {
  /// The least number of `unit`s that hold this many.
  fileprivate func dividedUp(by unit: Int) -> Int { (self + unit - 1) / unit }
}

/// A chain row by row: which layer makes which rows, in order, and the ring of each inner tensor.
package struct ChainPlay: Sendable {
  /// One call of a kernel.
  package struct Step: Sendable {
    package let layer: Int
    /// Of the output.
    package let rows: Range<Int>
    package let part: LayerPart
  }

  package private(set) var steps: [Step] = []
  /// By tensor.
  package private(set) var rings: [Int: Ring] = [:]
  /// By tensor, those that need no ring of their own.
  package private(set) var guests: [Int: Guest] = [:]

  private let model: QuantizedModel
  /// Rows made so far, by layer.
  private var done: [Int: Int] = [:]
  /// The layers of the chain that write a tensor.
  private var writers: [Int: [Int]] = [:]
  private let chain: Chain
  /// The layer that takes rows of the image as they arrive: one at a time.
  private let arrival: Int?

  /// Rows of all layers together: so many steps are a table of their own.
  private static let mostRows = 1 << 14

  /// `nil` where a layer's rows do not follow from rows.
  ///
  /// - Parameters:
  ///   - uses: Of `model`.
  ///   - overlaps: Which inputs the kernel of a step may write over, one for each operand.
  package init?(
    _ chain: Chain, of model: QuantizedModel, _ uses: TensorUses,
    overlaps: (Step) -> [Overlap] = { $0.part.operation.portableMemory.overlaps }
  ) {
    self.model = model
    self.chain = chain
    arrival = uses.arrival
    // A file of a few bytes may claim images of any height.
    guard
      chain.layers.reduce(0, { $0 + model.tensors[model.layers[$1].output].shape.height })
        <= Self.mostRows
    else { return nil }
    for index in chain.layers {
      guard model.hasRows(index), uses.areWritten(by: chain.layers, model.layers[index].output)
      else { return nil }
      writers[model.layers[index].output, default: []].append(index)
    }
    for index in chain.layers where !readsRowsOrWholes(index) { return nil }
    let inner = writers.keys.filter { uses.areWithin(chain.layers, $0) }
    // The last layer asks for what it needs; what others write beyond that, for others to read, is
    // left for the end.
    for index in chain.layers.reversed()
    where index == chain.layers.upperBound - 1 || !inner.contains(model.layers[index].output) {
      guard make(index, to: height(index)) else { return nil }
    }
    // Rows that nobody reads arrive as well.
    if let arrival, chain.layers.contains(arrival), !make(arrival, to: height(arrival)) {
      return nil
    }
    let calls = Dictionary(grouping: steps.indices) { steps[$0].layer }
    var users: [Int: Set<Int>] = [:]
    for layer in chain.layers {
      users[model.layers[layer].output, default: []].insert(layer)
      for input in model.layers[layer].inputs { users[input, default: []].insert(layer) }
    }
    for tensor in inner {
      let uses = (users[tensor] ?? []).flatMap { calls[$0] ?? [] }.sorted()
      rings[tensor] = Ring(tensor, in: model, steps, uses)
    }
    for layer in chain.layers where layer != arrival { settle(layer, calls, overlaps) }
  }

  /// Whether `tensor` is there as rows alone.
  package func hasRowsAlone(of tensor: Int) -> Bool {
    rings[tensor] != nil || guests[tensor] != nil
  }

  /// Finds room for the output of `layer` in the ring of an input, where each step's rows are read before
  /// the next step: then it needs none of its own.
  ///
  /// - Parameter calls: The steps of each layer, in order.
  private mutating func settle(
    _ layer: Int, _ calls: [Int: [Int]], _ overlaps: (Step) -> [Overlap]
  ) {
    let (inputs, output) = (model.layers[layer].inputs, model.layers[layer].output)
    guard let ring = rings[output], writers[output] == [layer],
      !model.layers[layer].operation.traits.isPart
    else { return }
    for (operand, host) in inputs.enumerated() {
      guard let room = rings[host], !guests.values.contains(where: { $0.host == host }),
        inputs.count(where: { $0 == host }) == 1,
        let guest = Guest(
          of: ring, bytesOfCode: model.tensors[output].width.bytes, operand, host, room, steps,
          calls[layer] ?? [], (writers[host] ?? []).flatMap { calls[$0] ?? [] }.sorted(), overlaps)
      else { continue }
      rings[host]?.stayAlive(during: guest.steps)
      rings[output] = nil
      guests[output] = guest
      return
    }
  }

  /// Whether what the chain writes is read as rows of what it writes, and nothing under another shape.
  private func readsRowsOrWholes(_ index: Int) -> Bool {
    let layer = model.layers[index]
    guard let part = layer.operation.traits.part(0..<1, of: height(index)) else { return false }
    return zip(layer.inputs, part.inputs).allSatisfy { tensor, rows in
      let owner = model.storage(of: tensor)
      guard writers[owner] == nil || (owner == tensor && rows != nil) else { return false }
      return rows == nil || model.tensors[owner].constant == nil
    }
  }

  /// The least distance, as of `Overlap.trailing`, at which the chain writes no byte of tensor `target`
  /// over one of `source` that it reads later.
  package func distance(from source: Int, to target: Int) -> Int {
    func bytes(_ tensor: Int, _ row: Int) -> Int {
      row * (model.tensors[tensor].byteCount / model.tensors[tensor].shape.height)
    }
    var needed = model.tensors[source].byteCount
    var distance = Int.min
    for step in steps.reversed() {
      let layer = model.layers[step.layer]
      for (input, rows) in zip(layer.inputs, step.part.inputs) where input == source {
        needed = min(needed, rows.map { bytes(source, $0.lowerBound) } ?? 0)
      }
      guard layer.output == target else { continue }
      distance = max(distance, bytes(target, step.rows.upperBound) - needed)
    }
    return distance
  }

  private func height(_ layer: Int) -> Int {
    model.tensors[model.layers[layer].output].shape.height
  }

  private func rowsAtOnce(_ layer: Int) -> Int {
    layer == arrival ? 1 : chain.rowsAtOnce(layer, in: model)
  }

  /// Runs what it takes until `layer` has made all rows up to `end`; false where a part is none.
  private mutating func make(_ layer: Int, to end: Int) -> Bool {
    while done[layer, default: 0] < end {
      let first = done[layer, default: 0]
      let rows = first..<min(first + rowsAtOnce(layer), height(layer))
      guard let part = model.layers[layer].operation.traits.part(rows, of: height(layer)) else {
        return false
      }
      for (tensor, needed) in zip(model.layers[layer].inputs, part.inputs) {
        guard let needed, let writers = writers[tensor] else { continue }
        while let least = writers.map({ done[$0, default: 0] }).min(), least < needed.upperBound {
          for writer in writers where done[writer, default: 0] == least {
            guard make(writer, to: least + 1) else { return false }
          }
        }
      }
      steps.append(Step(layer: layer, rows: rows, part: part))
      done[layer] = rows.upperBound
    }
    return true
  }
}

/// The rows of a tensor that a chain keeps, and when.
package struct Ring: Sendable {
  /// Rows that it has room for.
  package private(set) var capacity = 0
  /// Bytes of a row.
  package let rowBytes: Int
  /// When rows are needed, as steps of the chain.
  package private(set) var alive: [ClosedRange<Int>] = []
  /// The first step that writes a row, and the last one that reads it; -1 for none.
  fileprivate private(set) var written: [Int]
  fileprivate private(set) var read: [Int]
  /// By the first row of each step that writes some: the first of the rows before it that this step or a
  /// later one reads; that row itself where none is.
  private var fronts: [Int]
  /// Whether every access finds its rows side by side where row r lies at r modulo the capacity.
  private(set) var isCircular = false

  /// - Parameters:
  ///   - steps: Of the chain.
  ///   - uses: Those that write or read `tensor`, in order.
  init(_ tensor: Int, in model: QuantizedModel, _ steps: [ChainPlay.Step], _ uses: [Int]) {
    let height = model.tensors[tensor].shape.height
    rowBytes = model.tensors[tensor].byteCount / height
    written = [Int](repeating: -1, count: height)
    (read, fronts) = (written, written)
    var accesses: [Range<Int>] = []
    for index in uses {
      // In place: copies of steps and layers were most of the time of a search.
      for (place, input) in model.layers[steps[index].layer].inputs.enumerated()
      where input == tensor {
        guard let rows = steps[index].part.inputs[place] else { continue }
        for row in rows { read[row] = index }
        accesses.append(rows)
      }
      guard model.layers[steps[index].layer].output == tensor else { continue }
      let rows = steps[index].rows
      for row in rows where written[row] < 0 { written[row] = index }
      accesses.append(rows)
    }
    var front = 0
    for index in uses where model.layers[steps[index].layer].output == tensor {
      let rows = steps[index].rows
      guard written[rows.lowerBound] == index else { continue }
      while front < rows.lowerBound, read[front] < index { front += 1 }
      fronts[rows.lowerBound] = front
      capacity = max(capacity, rows.upperBound - front)
    }
    let size = capacity
    isCircular = accesses.allSatisfy { $0.lowerBound % size + $0.count <= size }
    for row in 0..<height where written[row] >= 0 {
      alive.append(written[row]...max(written[row], read[row]))
    }
    alive = alive.joined
  }

  /// The row at the front when a step writes `rows`, where `front` was there before: where there is no room
  /// behind the last row, what is still needed moves.
  func front(_ front: Int, writing rows: Range<Int>) -> Int {
    isCircular || rows.upperBound - front <= capacity ? front : fronts[rows.lowerBound]
  }

  /// Where `row` lies, in rows.
  func place(of row: Int, front: Int) -> Int { isCircular ? row % capacity : row - front }

  /// How many bytes move to the front.
  package var movedBytes: Int {
    guard !isCircular else { return 0 }
    var (front, moved, row) = (0, 0, 0)
    while row < written.count, written[row] >= 0 {
      let step = written[row]
      let end = written[row...].prefix { $0 == step }.endIndex
      let next = self.front(front, writing: row..<end)
      if next > front { moved += row - next }
      (front, row) = (next, end)
    }
    return moved * rowBytes
  }

  /// Takes one row of its room, for tests of the check.
  mutating func shorten() { capacity -= 1 }

  fileprivate mutating func stayAlive(during steps: ClosedRange<Int>) {
    alive = (alive + [steps]).joined
  }
}

/// Where a chain keeps rows that are read before the next ones are made: in the ring of an input, over rows
/// that nobody needs any more or that are still to come.
package struct Guest: Sendable {
  /// The tensor whose ring it is.
  package let host: Int
  /// Where each row begins in the ring, in bytes.
  private(set) var places: [Int]
  /// From the first step that writes rows to the last that reads some.
  fileprivate private(set) var steps: ClosedRange<Int>

  /// `nil` where some rows stay for longer, or find no room.
  ///
  /// - Parameters:
  ///   - ring: What the rows would need.
  ///   - operand: Which of their layer's inputs `host` is.
  ///   - room: The ring of `host`.
  ///   - making: The steps that make the rows.
  ///   - filling: Those that write rows of `host`.
  fileprivate init?(
    of ring: Ring, bytesOfCode: Int, _ operand: Int, _ host: Int, _ room: Ring,
    _ steps: [ChainPlay.Step], _ making: [Int], _ filling: [Int],
    _ overlaps: (ChainPlay.Step) -> [Overlap]
  ) {
    // A ring that is empty now and then leaves its place to others in any case.
    guard room.alive.count == 1, let first = making.first else { return nil }
    self.host = host
    places = [Int](repeating: 0, count: ring.read.count)
    self.steps = first...first
    var (filled, front, end) = (0, 0, 0)
    for (number, index) in making.enumerated() {
      while filled < filling.count, filling[filled] < index {
        front = room.front(front, writing: steps[filling[filled]].rows)
        end = steps[filling[filled]].rows.upperBound
        filled += 1
      }
      let step = steps[index]
      let last = step.rows.reduce(index) { max($0, ring.read[$1]) }
      guard last < (number + 1 < making.count ? making[number + 1] : .max),
        last < (filled < filling.count ? filling[filled] : .max),
        let read = step.part.inputs[operand]
      else { return nil }
      let bytes = step.rows.count * ring.rowBytes
      let start = room.place(of: read.lowerBound, front: front)
      let isFree = room.freePlaces(behind: index, front: front, end: end)
      let overlap = overlaps(step)[operand]
      let place = (start..<start + room.capacity).map { $0 % room.capacity }.first { place in
        let count = (bytes + room.rowBytes - 1) / room.rowBytes
        guard place + count <= room.capacity, isFree[place..<place + count].allSatisfy(\.self),
          place * room.rowBytes % bytesOfCode == 0
        else { return false }
        let areApart = place + count <= start || place >= start + read.count
        return areApart || overlap.allows(distance: (start - place) * room.rowBytes)
      }
      guard let place else { return nil }
      for row in step.rows {
        places[row] = place * room.rowBytes + (row - step.rows.lowerBound) * ring.rowBytes
      }
      self.steps = first...last
    }
  }
}

extension Ring {
  /// For each place whether no step behind `step` reads what is there.
  ///
  /// - Parameter end: The first row that is not written yet.
  fileprivate func freePlaces(behind step: Int, front: Int, end: Int) -> [Bool] {
    var isFree = [Bool](repeating: true, count: capacity)
    for row in max(end - capacity, isCircular ? 0 : front)..<max(end, front)
    where read[row] > step { isFree[place(of: row, front: front)] = false }
    return isFree
  }
}

extension [ClosedRange<Int>] {
  /// The same numbers in as few ranges as have some in common, in order.
  var joined: [ClosedRange<Int>] {
    sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, range in
      guard let last = joined.last, range.lowerBound <= last.upperBound else {
        return joined.append(range)
      }
      joined[joined.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
    }
  }
}

extension QuantizedModel {
  /// Whether the rows of a layer's output follow from rows of what it reads.
  package func hasRows(_ index: Int) -> Bool {
    let layer = layers[index]
    let output = tensors[layer.output]
    return output.aliasOf == nil && output.constant == nil && output.shape.isOneImage
      && output.shape.count == layer.operation.valueCounts.output
      && layer.operation.traits.hasRows(of: layer.inputs.map { tensors[$0].shape }, output.shape)
  }
}

extension Shape {
  /// Whether this is `[1, H, W, C]`.
  package var isOneImage: Bool { rank == 4 && dimensions[0] == 1 }
}
