import Datasets
import Files
import Foundation
import Tensors
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

  /// Photos come to size as torchvision brings them, within the rounding of JPEG decoders.
  @Test(.enabled(if: PixelOracle.samples != nil, "needs imagenet-samples in ../shared"))
  func photosComeToSizeAsTorchvisionBringsThem() throws {
    let samples = try #require(PixelOracle.samples)
    let ways: [(String, Preprocessing, Int)] = [
      ("crop", preprocessing(resize: 256, crop: 224), 224),
      ("shrink", preprocessing(resize: 97, crop: 96), 96),
      ("squash", preprocessing(resize: 96, squash: true), 96),
    ]
    let photos = PixelOracle.photos.photos
    #expect(photos.count == 300)
    for (path, expected) in photos {
      for (way, preprocessing, side) in ways {
        let image = try DatasetReader.photo(
          "\(samples)/\(path)", preprocessing,
          inputShape: Shape(height: side, width: side, channels: 3))
        let pixels = (0..<16).flatMap { number in
          let pixel = side * side * number / 16 + 7 * number
          return image.pixels[3 * pixel..<3 * pixel + 3]
        }
        let oracle = try #require(expected[way])
        #expect(largestDifference(pixels, oracle) <= 1, "\(path), \(way)")
      }
    }
  }

  /// Records of a fixed size stay as they are where they have the input's size; files never do.
  @Test func recordsOfTheRightSizeStayAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let pixels = (0..<4 * 4 * 3).map { UInt8($0 * 5) }
      let path = folder + "/x.npy"
      try AtomicFile.write(NumPyArray(pixels, shape: [1, 4, 4, 3]).file(), to: path)
      let preprocessing = preprocessing(resize: 8, crop: 4)
      let input = Shape(height: 4, width: 4, channels: 3)
      let images = try DatasetReader.open(path, split: .train)
        .fitted(preprocessing, inputShape: input)
      #expect(try images.image(at: 0).pixels == pixels)

      let gray = try DatasetReader.open(PixelOracle.folder.path, split: .train)
        .fitted(preprocessing, inputShape: Shape(height: 4, width: 4, channels: 1))
      #expect(try gray.image(at: 0).shape == [1, 4, 4, 1])
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
    let hash = "\(height)x\(width)x3".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    var random = SplitMix64(seed: 1 ^ hash)
    let pixels = (0..<height * width * 3).map { _ in UInt8(random.next() >> 56) }
    return Image(height: height, width: width, channels: 3, pixels: pixels)
  }

  private func preprocessing(
    resize: Int?, crop: Int? = nil, squash: Bool = false
  ) -> Preprocessing {
    var preprocessing = Preprocessing.unit(channels: 3)
    preprocessing.resize = resize
    preprocessing.crop = crop
    preprocessing.squash = squash
    return preprocessing
  }
}
