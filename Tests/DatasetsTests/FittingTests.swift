import Datasets
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct FittingTests {
  /// Resizing gives Pillow's very pixels, up and down, also to and from a single one.
  @Test func resizesAsPillowDoes() throws {
    for expected in PixelOracle.small.resized {
      let noise = noise(height: expected.from[0], width: expected.from[1])
      let image = noise.resized(height: expected.to[0], width: expected.to[1])
      #expect(
        largestDifference(image.pixels, expected.pixels) == 0, "\(expected.from) to \(expected.to)")
    }
  }

  /// A part of a resized picture is what cutting it from the whole gives.
  @Test func resizesPartsAsItResizesAll() throws {
    for expected in PixelOracle.small.resized {
      let (height, width) = (expected.to[0], expected.to[1])
      let image = noise(height: expected.from[0], width: expected.from[1])
      for (rows, columns) in [
        (0..<1, 0..<width), (height / 3..<height, width / 2..<width / 2 + 1),
        (height / 2..<height / 2 + 1, width / 4..<width),
      ] {
        let part = image.resized(height: height, width: width, rows: rows, columns: columns)
        let cut = rows.flatMap { y in
          columns.flatMap { x in expected.pixels[3 * (y * width + x)..<3 * (y * width + x + 1)] }
        }
        #expect(part.shape == [1, rows.count, columns.count, 3])
        #expect(part.pixels == cut, "\(rows), \(columns) of \(expected.to)")
      }
    }
  }

  /// Of a line whose long side would have 256 million pixels, only those at the center are computed:
  /// between two pixels they follow a straight line.
  @Test(arguments: [(1, 1_000_000), (1_000_000, 1)])
  func narrowPicturesNeedNoMoreThanTheirCenter(_ height: Int, _ width: Int) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      let line = noise(height: height, width: width)
      let png = try #require(line.thumbnail(side: 1_000_000))
      try AtomicFile.write(Data(png), to: folder + "/line.png")
      let image = try DatasetReader.photo(
        folder + "/line.png", preprocessing(resize: 256, crop: 224),
        inputShape: Shape(height: 224, width: 224, channels: 3))
      for along in 0..<224 {
        let center = (Double(256_000_000 / 2 - 112 + along) + 0.5) / 256 - 0.5
        let part = center - center.rounded(.down)
        for c in 0..<3 {
          let before = Double(line.pixels[3 * Int(center) + c])
          let after = Double(line.pixels[3 * Int(center) + 3 + c])
          let value = before + part * (after - before)
          for other in [0, 100, 223] {
            let pixel = height == 1 ? other * 224 + along : along * 224 + other
            #expect(abs(Double(image.pixels[3 * pixel + c]) - value) < 0.51)
          }
        }
      }
    }
  }

  /// What would take terabytes, or not even have a size, is an error before it is resized.
  @Test func sizesBeyondTheNetworksAreRefusedAtOnce() throws {
    let input = Shape(height: 224, width: 224, channels: 3)
    for (ways, height, width) in [
      (preprocessing(resize: 65536), 65536, 65536 * 13 / 9),
      (preprocessing(resize: 65536, squash: true), 65536, 65536),
      (preprocessing(resize: 65536, crop: 65536), 65536, 65536),
    ] {
      #expect(
        throws: DatasetError.imageShape(
          expected: input, found: Shape(height: height, width: width, channels: 3))
      ) {
        try DatasetReader.photo(
          PixelOracle.folder.appending(path: "rgba.png").path, ways, inputShape: input)
      }
    }
    let image = try DatasetReader.photo(
      PixelOracle.folder.appending(path: "rgba.png").path,
      preprocessing(resize: 65536, crop: 224), inputShape: input)
    #expect(image.shape == input)
  }

  /// Photos are decoded as Pillow decodes them and come to size as torchvision brings them, byte for
  /// byte.
  @Test(
    .enabled(
      if: Locations.isShared("imagenet-samples"), "\(Locations.absence(of: "imagenet-samples"))"))
  func photosComeToSizeAsTorchvisionBringsThem() throws {
    let samples = Locations.shared.appending(path: "imagenet-samples").path
    let ways: [(String, Preprocessing, Int)] = [
      ("crop", preprocessing(resize: 256, crop: 224), 224),
      ("shrink", preprocessing(resize: 97, crop: 96), 96),
      ("squash", preprocessing(resize: 96, squash: true), 96),
    ]
    let photos = PixelOracle.photos.photos
    #expect(photos.count == 300)
    for (path, expected) in photos {
      let file = try AtomicFile.read("\(samples)/\(path)")
      #expect(try SHA256.hex(ImageFile.decode(Array(file)).pixels) == expected["decoded"])
      for (way, preprocessing, side) in ways {
        let image = try DatasetReader.photo(
          "\(samples)/\(path)", preprocessing,
          inputShape: Shape(height: side, width: side, channels: 3))
        #expect(SHA256.hex(image.pixels) == expected[way], "\(path), \(way)")
      }
    }
  }

  /// Pictures of the input's size stay as they are, in files too, unless all are to be resized.
  @Test(arguments: [false, true]) func picturesOfTheRightSizeStayAsTheyAre(_ all: Bool) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      let pixels = (0..<4 * 4 * 3).map { UInt8($0 * 5) }
      let picture = Image(height: 4, width: 4, channels: 3, pixels: pixels)
      try AtomicFile.write(
        NumPyArray(pixels + pixels, shape: [2, 4, 4, 3]).file(), to: folder + "/x.npy")
      let png = try #require(picture.thumbnail(side: 4))
      for name in ["a", "b"] { try AtomicFile.write(Data(png), to: "\(folder)/y/\(name).png") }
      let other = try #require(noise(height: 4, width: 5).thumbnail(side: 5))
      try AtomicFile.write(Data(other), to: folder + "/y/c.png")
      var way = preprocessing(resize: 8, crop: 4)
      way.resizesAll = all
      let input = Shape(height: 4, width: 4, channels: 3)
      let enlarged = picture.resized(height: 8, width: 8, rows: 2..<6, columns: 2..<6)
      for path in ["x.npy", "y"] {
        let images = try DatasetReader.open("\(folder)/\(path)", split: .train)
          .fitted(way, inputShape: input)
        for index in 0..<2 {
          #expect(try images.image(at: index).pixels == (all ? enlarged.pixels : pixels))
        }
        #expect(images.countOfUnchanged(Array(0..<images.count)) == (all ? 0 : 2), "\(path)")
      }
      // Where resizing changes nothing, nothing is left out.
      let same = try DatasetReader.open(folder + "/x.npy", split: .train)
        .fitted(preprocessing(resize: 4, crop: 4), inputShape: input)
      #expect(same.countOfUnchanged([0, 1]) == 0)
      #expect(try same.image(at: 0).pixels == pixels)
    }
  }

  /// Both sides, and a part of any shape.
  @Test func sidesMayDiffer() throws {
    try withTemporaryFolder { url in
      let folder = url.path
      let picture = noise(height: 20, width: 31)
      let png = try #require(picture.thumbnail(side: 31))
      try AtomicFile.write(Data(png), to: folder + "/x.png")
      var squashed = preprocessing(resize: nil, squash: true)
      squashed.resize = Extent(12, 16)
      var cut = squashed
      cut.crop = Extent(6, 9)
      var short = preprocessing(resize: 12)
      short.crop = Extent(6, 15)
      for (way, size, expected) in [
        (squashed, Extent(12, 16), picture.resized(height: 12, width: 16)),
        (
          cut, Extent(6, 9),
          picture.resized(height: 12, width: 16, rows: 3..<9, columns: 4..<13)
        ),
        (
          short, Extent(6, 15),
          picture.resized(height: 12, width: 18, rows: 3..<9, columns: 2..<17)
        ),
      ] {
        let image = try DatasetReader.photo(
          folder + "/x.png", way,
          inputShape: Shape(height: size.height, width: size.width, channels: 3))
        #expect(image.pixels == expected.pixels, "\(size)")
      }
    }
  }

  @Test func aSizeThatPreprocessingMissesIsNamed() throws {
    let photo = PixelOracle.folder.appending(path: "rgba.png").path
    let input = Shape(height: 8, width: 8, channels: 3)
    #expect(
      throws: DatasetError.imageShape(
        expected: input, found: Shape(height: 9, width: 13, channels: 3))
    ) { try DatasetReader.photo(photo, preprocessing(resize: nil), inputShape: input) }
  }

  /// The pixels of `fractions` in `Tests/Oracles/named_weights.py`, times 256.
  private func noise(height: Int, width: Int) -> Image {
    var random = SplitMix64(named: "\(height)x\(width)x3")
    let pixels = (0..<height * width * 3).map { _ in UInt8(random.next() >> 56) }
    return Image(height: height, width: width, channels: 3, pixels: pixels)
  }

  private func preprocessing(
    resize: Int?, crop: Int? = nil, squash: Bool = false
  ) -> Preprocessing {
    var preprocessing = Preprocessing.unit(channels: 3)
    preprocessing.resize = resize.map { Extent($0, $0) }
    preprocessing.crop = crop.map { Extent($0, $0) }
    preprocessing.squash = squash
    return preprocessing
  }
}
