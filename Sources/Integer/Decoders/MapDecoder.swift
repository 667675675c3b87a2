package import QuantizedIR
package import Tensors

/// Finds places in a map of codes, `[1, H, W, classes]`: cells of a class whose codes reach the
/// threshold and that touch one another, by a side or by a corner, are one place.
///
/// Class 0 of several is the background, of which there are no places. Edge Impulse's SDK joins
/// cells as it meets them, row by row: a cell that touches the box of a place of its class so far
/// joins it. The two differ where a box reaches beyond its cells.
///
/// Twin: `mnq_map` in `CRuntime`.
package struct MapDecoder: Hashable, Sendable {
  /// Of the map, in cells.
  package var height: Int32
  package var width: Int32
  /// Channels of the map.
  package var classes: Int32
  /// The first class that has places: 1 behind a background, 0 where there is one class alone.
  package var firstClass: Int32
  /// The least code of a cell that belongs to a place: -128 ... 128, the last for none.
  package var threshold: Int32
  /// Of the network's input, in pixels.
  package var inputHeight: Int32
  package var inputWidth: Int32

  /// More do not fit the products of its arithmetic.
  package static let longestSide = 16384

  package init(
    height: Int32, width: Int32, classes: Int32, firstClass: Int32, threshold: Int32,
    inputHeight: Int32, inputWidth: Int32
  ) {
    self.height = height
    self.width = width
    self.classes = classes
    self.firstClass = firstClass
    self.threshold = threshold
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
  }

  /// A decoder for the codes that `model` gives.
  package init(_ task: MapTask, _ model: QuantizedModel) throws(DecoderError) {
    let map = try MapShape(outputs: model.namedOutputs, input: model.inputTensor.shape)
    self.init(
      height: Int32(map.height), width: Int32(map.width), classes: Int32(map.classes),
      firstClass: Int32(map.firstClass),
      threshold: model.outputTensor.leastCode(reaching: task.threshold),
      inputHeight: Int32(map.input.height), inputWidth: Int32(map.input.width))
  }

  /// The places in `codes`, the greatest code first; of equals that of the lower class, then the
  /// upper one, then the one that begins or ends farther to the left. At most `capacity` are kept.
  package func places(_ codes: [Int8], capacity: Int) -> [MapPlace] {
    precondition(codes.count == Int(height * width * classes), "\(codes.count) codes")
    var found = PlaceList(capacity: capacity)
    for label in firstClass..<max(firstClass, classes) {
      var rows = JoinedRows(width: Int(width), label: label)
      for y in 0..<height {
        for x in 0..<width {
          let code = Int32(codes[Int((y * width + x) * classes + label)])
          rows.add(x, y, code >= threshold ? code : nil)
        }
        rows.close(before: y) { found.insert(centered($0)) }
      }
      rows.close(before: height) { found.insert(centered($0)) }
    }
    return found.places
  }

  /// `place` with the center of its box in pixels of the input, cut off to whole ones.
  private func centered(_ place: MapPlace) -> MapPlace {
    var place = place
    place.x = (place.left + place.right + 1) * inputWidth / (2 * width)
    place.y = (place.top + place.bottom + 1) * inputHeight / (2 * height)
    return place
  }
}

/// Cells of one class that touch one another. Twin: `mnq_place`.
package struct MapPlace: Hashable, Sendable {
  /// The class, as the map counts them.
  package var label: Int32
  /// The greatest code of its cells.
  package var score: Int32
  /// The center of the box around its cells, in pixels of the network's input.
  package var x: Int32
  package var y: Int32
  /// How many cells.
  package var count: Int32
  /// The box around them, in cells, the last included.
  package var left: Int32
  package var top: Int32
  package var right: Int32
  package var bottom: Int32

  /// A place by its parts.
  package init(
    label: Int32, score: Int32, x: Int32 = 0, y: Int32 = 0, count: Int32, left: Int32, top: Int32,
    right: Int32, bottom: Int32
  ) {
    self.label = label
    self.score = score
    self.x = x
    self.y = y
    self.count = count
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// Whether this place stands before `other` in a list. No two places of a map are equal in all of
  /// this: where boxes begin at the same corner, one place lies around the other.
  fileprivate func precedes(_ other: MapPlace) -> Bool {
    if score != other.score { return score > other.score }
    if label != other.label { return label < other.label }
    if top != other.top { return top < other.top }
    return left != other.left ? left < other.left : right < other.right
  }

  /// Takes `other` in.
  fileprivate mutating func join(_ other: MapPlace) {
    score = max(score, other.score)
    count += other.count
    left = min(left, other.left)
    top = min(top, other.top)
    right = max(right, other.right)
    bottom = max(bottom, other.bottom)
  }
}

/// The first places in order, no more than `capacity`.
private struct PlaceList {
  private(set) var places: [MapPlace] = []
  let capacity: Int

  mutating func insert(_ place: MapPlace) {
    var position = places.count
    while position > 0, place.precedes(places[position - 1]) { position -= 1 }
    guard position < capacity else { return }
    if places.count == capacity { places.removeLast() }
    places.insert(place, at: position)
  }
}

/// The places of a class while the rows of a map go by: those that may still grow.
private struct JoinedRows {
  /// By column: the number among `open` of the place of the last cell there; -1 for none.
  private var marks: [Int]
  /// Those with no cells are free. A row has a place in every second column at most, as has the row
  /// above it.
  private var open: [MapPlace]
  private let label: Int32
  /// Of the cell above and to the left.
  private var corner = -1

  init(width: Int, label: Int32) {
    marks = [Int](repeating: -1, count: width)
    open = [MapPlace](repeating: Self.free, count: width + 1)
    self.label = label
  }

  private static let free = MapPlace(
    label: 0, score: 0, count: 0, left: 0, top: 0, right: 0, bottom: 0)

  /// Goes on to the cell at `x`, whose code is `nil` where it belongs to no place.
  mutating func add(_ x: Int32, _ y: Int32, _ code: Int32?) {
    let column = Int(x)
    let above = marks[column]
    let left = column > 0 ? marks[column - 1] : -1
    let right = column + 1 < marks.count ? marks[column + 1] : -1
    let diagonal = column > 0 ? corner : -1
    corner = above
    marks[column] = -1
    guard let code else { return }
    let cell = MapPlace(
      label: label, score: code, count: 1, left: x, top: y, right: x, bottom: y)
    guard let mark = [left, diagonal, above, right].first(where: { $0 >= 0 }) else {
      marks[column] = open.firstIndex { $0.count == 0 } ?? 0
      open[marks[column]] = cell
      return
    }
    open[mark].join(cell)
    marks[column] = mark
    // Of the four neighbors only the last can belong to another place: the others touch.
    if right >= 0, right != mark { unite(right, into: mark) }
  }

  private mutating func unite(_ other: Int, into mark: Int) {
    open[mark].join(open[other])
    open[other].count = 0
    for column in marks.indices where marks[column] == other { marks[column] = mark }
  }

  /// Takes out the places without a cell in row `y`.
  mutating func close(before y: Int32, _ body: (MapPlace) -> Void) {
    for index in open.indices where open[index].count > 0 && open[index].bottom < y {
      body(open[index])
      open[index].count = 0
    }
  }
}

/// What a map is like, of whichever network.
package struct MapShape: Hashable, Sendable {
  /// In cells.
  package let height: Int
  package let width: Int
  package let classes: Int
  /// The network's, `[1, H, W, C]`.
  package let input: Shape

  /// The first class that has places.
  package var firstClass: Int { classes > 1 ? 1 : 0 }

  /// - Throws: `DecoderError` where the network gives no map.
  package init(outputs: [NamedShape], input: Shape) throws(DecoderError) {
    guard outputs.count == 1, outputs[0].shape.rank == 4, outputs[0].shape.dimensions[0] == 1,
      input.rank == 4
    else { throw .noMap(shapes: outputs.map(\.shape.description)) }
    let map = outputs[0].shape
    let sides = [map.height, map.width, input.height, input.width]
    if let side = sides.first(where: { $0 > MapDecoder.longestSide }) { throw .side(side) }
    (height, width, classes) = (map.height, map.width, map.channels)
    self.input = input
  }
}

extension QuantizedTensor {
  /// The least code whose real value is `real` or more: -128 ... 128, the last where there is none.
  fileprivate func leastCode(reaching real: Double) -> Int32 {
    var code: Int32 = -128
    while code < 128, self.real(Int8(code)) < real { code += 1 }
    return code
  }
}
