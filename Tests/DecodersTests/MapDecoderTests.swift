import CRuntime
import Decoders
import Evaluation
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Places in maps: Swift and C the same, and what a plain search in real values finds.
@Suite struct MapDecoderTests {
  /// Every map of one class and cells that are on or off, up to 4 x 4.
  @Test func everySmallMapIsSearched() throws {
    for (height, width) in [(1, 1), (1, 4), (4, 1), (2, 3), (3, 2), (3, 3), (3, 4), (4, 3), (4, 4)]
    {
      let map = MapSample(height: height, width: width, classes: 1, threshold: 1)
      for bits in 0..<1 << (height * width) {
        let codes = (0..<height * width).map { Int8(bits >> $0 & 1) }
        try map.expectPlaces(codes, capacity: height * width)
      }
    }
  }

  /// Codes of the whole range in maps of odd sizes, densely and sparsely filled.
  @Test func randomMapsAreSearched() throws {
    var random = SplitMix64(seed: 1)
    for height in 1...9 {
      for width in 1...9 {
        for classes in 1...3 {
          for threshold: Int32 in [-128, -40, 60, 127, 128] {
            let map = MapSample(
              height: height, width: width, classes: classes, threshold: threshold)
            let codes = (0..<height * width * classes).map { _ in
              Int8(truncatingIfNeeded: random.next())
            }
            try map.expectPlaces(codes, capacity: height * width * classes)
          }
        }
      }
    }
  }

  /// The first places are kept, however many there is room for.
  @Test func capacityKeepsTheFirst() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<50 {
      let map = MapSample(height: 11, width: 13, classes: 4, threshold: 70)
      let codes = (0..<11 * 13 * 4).map { _ in Int8(truncatingIfNeeded: random.next()) }
      let all = map.decoder.places(codes, capacity: 1000)
      #expect(all.count > 10)
      for capacity in 0...12 {
        let kept = map.decoder.places(codes, capacity: capacity)
        #expect(kept == Array(all.prefix(capacity)))
        #expect(map.c(codes, capacity: capacity) == kept)
      }
    }
  }

  /// Rings around rings begin at the same corner; spirals and combs meet late.
  @Test func woundPlacesAreOne() throws {
    let drawings = [
      """
      ...##
      .##..
      .#..#
      #..#.
      #.#..
      """,
      """
      #.#.#.#
      #.#.#.#
      #######
      """,
      """
      #######
      ......#
      #####.#
      #...#.#
      #.###.#
      #.....#
      #######
      """,
    ]
    let places = try drawings.map { drawing in
      let rows = drawing.split(separator: "\n")
      let map = MapSample(height: rows.count, width: rows[0].count, classes: 1, threshold: 1)
      let codes = rows.joined().map { Int8($0 == "#" ? 1 : 0) }
      try map.expectPlaces(codes, capacity: 99)
      return map.decoder.places(codes, capacity: 99).count
    }
    #expect(places == [2, 1, 1])
  }

  @Test func centersAreThoseOfBoxes() throws {
    var map = MapSample(height: 3, width: 5, classes: 1, threshold: 1)
    (map.decoder.inputHeight, map.decoder.inputWidth) = (24, 41)
    let codes: [Int8] = [0, 9, 0, 0, 0] + [0, 0, 7, 0, 0] + [0, 0, 0, 0, 0]
    let place = try #require(map.decoder.places(codes, capacity: 9).first)
    #expect(
      place
        == MapPlace(
          label: 0, score: 9, x: 4 * 41 / 10, y: 8, count: 2, left: 1, top: 0, right: 2, bottom: 1))
    #expect(map.c(codes, capacity: 9) == [place])
  }
}

/// A map whose input has 8 pixels a cell.
private struct MapSample {
  var decoder: MapDecoder

  init(height: Int, width: Int, classes: Int, threshold: Int32) {
    decoder = MapDecoder(
      height: Int32(height), width: Int32(width), classes: Int32(classes),
      firstClass: classes > 1 ? 1 : 0, threshold: threshold, inputHeight: 8 * Int32(height),
      inputWidth: 8 * Int32(width))
  }

  /// Expects what C finds, and a plain search in the codes as real values.
  func expectPlaces(_ codes: [Int8], capacity: Int) throws {
    let places = decoder.places(codes, capacity: capacity)
    #expect(c(codes, capacity: capacity) == places)
    let (height, width) = (Int(decoder.height), Int(decoder.width))
    let shape = try MapShape(
      outputs: [
        NamedShape(
          name: "map", shape: Shape(height: height, width: width, channels: Int(decoder.classes)))
      ],
      input: Shape(height: 8 * height, width: 8 * width, channels: 3))
    let real = RealMap(shape, Double(decoder.threshold)).objects(codes.map(Double.init))
    #expect(real.map { Int32($0.label) } == places.map(\.label))
    #expect(real.map { Int32($0.score) } == places.map(\.score))
    #expect(real.map { Int32($0.x) } == places.map(\.x))
    #expect(real.map { Int32($0.y) } == places.map(\.y))
    #expect(real.map { Int32($0.width) / 8 } == places.map { $0.right - $0.left + 1 })
    #expect(real.map { Int32($0.height) / 8 } == places.map { $0.bottom - $0.top + 1 })
  }

  /// What `mnq_map_places` finds.
  func c(_ codes: [Int8], capacity: Int) -> [MapPlace] {
    var map = mnq_map(
      height: decoder.height, width: decoder.width, classes: decoder.classes,
      first_class: decoder.firstClass, threshold: decoder.threshold,
      input_height: decoder.inputHeight, input_width: decoder.inputWidth)
    var growing = [mnq_place](repeating: mnq_place(), count: Int(decoder.width) + 1)
    var marks = [Int32](repeating: 7, count: Int(decoder.width))
    var places = [mnq_place](repeating: mnq_place(), count: capacity)
    let count = mnq_map_places(&map, codes, &growing, &marks, &places, Int32(capacity))
    return places.prefix(Int(count)).map { place in
      MapPlace(
        label: place.label, score: place.score, x: place.x, y: place.y, count: place.count,
        left: place.left, top: place.top, right: place.right, bottom: place.bottom)
    }
  }
}
