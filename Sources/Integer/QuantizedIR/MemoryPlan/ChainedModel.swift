internal import Tensors

/// A network some of whose layers run in chains: each step of a chain is a layer of its own, on views
/// of rings and of whole tensors.
package struct ChainedModel: Sendable {
  /// With a ring in the place of each tensor within a chain.
  package private(set) var model: QuantizedModel
  /// For each of its layers, what it is part of.
  package private(set) var sources: [Source] = []
  /// Bytes that move within rings.
  package private(set) var movedBytes = 0

  /// What a layer of a chained model is.
  package enum Source: Hashable, Sendable {
    /// A layer, as it was.
    case whole(layer: Int)
    /// Rows of a layer.
    case rows(layer: Int, Range<Int>)
    /// Rows of a tensor that move to the front of their ring.
    case move(tensor: Int)
    /// A row of the image arrives: the caller writes it where the layer's output lies.
    case arrival
  }

  private let whole: QuantizedModel
  private let arrival: Int?
  private var views: [View: Int] = [:]
  /// The row at the front of each ring.
  private var fronts: [Int: Int] = [:]
  /// Of the chain that is appended.
  private var guests: [Int: Guest] = [:]

  private struct View: Hashable {
    let tensor: Int
    let rows: Range<Int>
    /// In rows; of guests, in bytes.
    let place: Int
  }

  /// - Parameters:
  ///   - chains: In order, none over another.
  ///   - arrival: As of `QuantizedModel.takingRows`, in the first of them.
  ///   - shortened: A tensor whose ring lacks one row, for tests.
  ///   - overlaps: As of `ChainPlay`.
  /// - Returns: `nil` where a layer of a chain has no rows.
  package init?(
    _ whole: QuantizedModel, _ chains: [Chain], arrival: Int? = nil, shortened: Int? = nil,
    overlaps: (ChainPlay.Step) -> [Overlap]
  ) {
    self.whole = whole
    self.arrival = arrival
    model = whole
    model.layers = []
    let uses = TensorUses(whole, arrival: arrival)
    var next = 0
    for chain in chains {
      append(wholes: next..<chain.layers.lowerBound)
      guard let play = ChainPlay(chain, of: whole, uses, overlaps: overlaps) else { return nil }
      var rings = play.rings
      if let shortened { rings[shortened]?.shorten() }
      guests = play.guests
      append(play.steps, rings)
      next = chain.layers.upperBound
    }
    append(wholes: next..<whole.layers.count)
  }

  /// Whether the rows of the image arrive one by one.
  package var takesRows: Bool { arrival != nil }

  /// The same for a memory plan: an image whose rows arrive lies nowhere as a whole.
  package var resident: QuantizedModel { takesRows ? model.withoutWholeImage : model }

  private mutating func append(wholes layers: Range<Int>) {
    for index in layers {
      model.layers.append(whole.layers[index])
      sources.append(.whole(layer: index))
    }
  }

  private mutating func append(_ steps: [ChainPlay.Step], _ rings: [Int: Ring]) {
    for (tensor, ring) in rings {
      model.tensors[tensor].shape.dimensions[1] = ring.capacity
      fronts[tensor] = 0
    }
    for step in steps {
      let layer = whole.layers[step.layer]
      if let ring = rings[layer.output] { makeRoom(layer.output, ring, step) }
      let isArrival = step.layer == arrival
      let inputs =
        isArrival
        ? []
        : zip(layer.inputs, step.part.inputs).map { tensor, rows in
          rows.map { view(of: tensor, $0, rings[tensor]) } ?? tensor
        }
      model.layers.append(
        Layer(
          name: "\(layer.name), \(step.rows.inWords)",
          operation: step.part.operation, inputs: inputs,
          output: view(of: layer.output, step.rows, rings[layer.output]),
          weightScales: layer.weightScales))
      sources.append(isArrival ? .arrival : .rows(layer: step.layer, step.rows))
    }
  }

  /// Where there is no room behind the last row of a ring, moves what is still needed to its front.
  /// Pieces do not lie over their new places: each is as long as the way.
  private mutating func makeRoom(_ tensor: Int, _ ring: Ring, _ step: ChainPlay.Step) {
    let front = fronts[tensor] ?? 0
    let first = ring.front(front, writing: step.rows)
    let way = first - front
    guard way > 0 else { return }
    for start in stride(from: first, to: step.rows.lowerBound, by: way) {
      let rows = start..<min(start + way, step.rows.lowerBound)
      let bytes = rows.count * ring.rowBytes
      let pieces = [start - front, start - first].map { place in
        add(
          rowsOf: tensor, rows, in: tensor, at: place * ring.rowBytes,
          shape: Shape([1, 1, 1, bytes]), width: .int8)
      }
      model.layers.append(
        Layer(
          name: "\(whole.tensors[tensor].name), \(rows.inWords) move",
          operation: .copy(.identity(bytes)), inputs: [pieces[0]], output: pieces[1]))
      sources.append(.move(tensor: tensor))
      movedBytes += bytes
    }
    fronts[tensor] = first
  }

  /// The tensor that stands for rows of `tensor` where they lie now.
  private mutating func view(of tensor: Int, _ rows: Range<Int>, _ ring: Ring?) -> Int {
    let guest = guests[tensor]
    let place =
      guest?.places[rows.lowerBound]
      ?? ring?.place(of: rows.lowerBound, front: fronts[tensor] ?? 0) ?? rows.lowerBound
    let key = View(tensor: tensor, rows: rows, place: place)
    if let view = views[key] { return view }
    let shape = whole.tensors[tensor].shape
    let rowBytes = whole.tensors[tensor].byteCount / shape.height
    let view = add(
      rowsOf: tensor, rows, in: guest?.host ?? tensor,
      at: guest == nil ? place * rowBytes : place,
      shape: Shape(height: rows.count, width: shape.width, channels: shape.channels),
      width: whole.tensors[tensor].width)
    views[key] = view
    return view
  }

  /// - Parameters:
  ///   - host: The tensor in which the rows lie.
  ///   - start: From which of its bytes on.
  private mutating func add(
    rowsOf tensor: Int, _ rows: Range<Int>, in host: Int, at start: Int, shape: Shape,
    width: CodeWidth
  ) -> Int {
    let original = whole.tensors[tensor]
    let owner = whole.storage(of: tensor)
    let rowBytes = original.byteCount / original.shape.height
    var view = original
    view.name += ", \(rows.inWords), no. \(model.tensors.count)"
    view.shape = shape
    view.width = width
    view.aliasOf = whole.storage(of: host)
    view.aliasStart = whole.start(of: host) + start
    model.tensors.append(view)
    contents[model.tensors.count - 1] = TensorPart(
      tensor: owner, start: whole.start(of: tensor) + rows.lowerBound * rowBytes)
    return model.tensors.count - 1
  }

  /// What each view holds: whose bytes, from which one on.
  package private(set) var contents: [Int: TensorPart] = [:]
}

extension QuantizedModel {
  /// Whether the input is one image of int8 codes, whose rows can arrive one by one.
  package var takesRows: Bool {
    guard inputs.count == 1, let input = inputs.first else { return false }
    return tensors[input].shape.isOneImage && tensors[input].width == .int8
      && tensors[input].aliasOf == nil && !outputs.contains(input)
  }

  /// The same for a memory plan where the image never lies in the arena as a whole.
  package var withoutWholeImage: QuantizedModel {
    var model = self
    model.inputs = []
    return model
  }

  /// The same network behind a layer, the first one, that takes each row of the image as it arrives; `nil`
  /// where the input is none, or several.
  ///
  /// The layer reads the input, which never lies in the arena, and writes a tensor which all others read
  /// in its place.
  package var takingRows: QuantizedModel? {
    guard takesRows, let input = inputs.first else { return nil }
    var model = self
    let arrived = tensors.count
    let shape = tensors[input].shape
    model.tensors.append(tensors[input])
    model.tensors[arrived].name += ", arrived"
    for tensor in tensors.indices where tensors[tensor].aliasOf == input {
      model.tensors[tensor].aliasOf = arrived
    }
    for layer in layers.indices {
      for (place, tensor) in layers[layer].inputs.enumerated() where tensor == input {
        model.layers[layer].inputs[place] = arrived
      }
    }
    model.layers.insert(
      Layer(
        name: tensors[input].name, operation: .copy(.image(shape)), inputs: [input],
        output: arrived), at: 0)
    return model
  }
}

extension Range<Int> {
  /// As names of steps have them.
  fileprivate var inWords: String {
    count == 1 ? "row \(lowerBound)" : "rows \(lowerBound) to \(upperBound - 1)"
  }
}

/// Bytes of a tensor that owns them, from one of them on.
package struct TensorPart: Hashable, Sendable {
  package let tensor: Int
  package let start: Int
}
