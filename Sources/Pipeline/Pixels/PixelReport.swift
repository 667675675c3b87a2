package import Datasets
package import NetworkGraph
package import Tensors

/// What happens to a picture before the network sees it, and who says so: as JSON, and one line.
package struct PixelReport: Encodable, Sendable {
  /// Who says each part, in words.
  package struct Origins: Encodable, Sendable {
    package let resize: String
    package let crop: String
    package let order: String
    package let mean: String
    package let std: String
  }

  /// Whether records are taken as preprocessed: then nothing else holds.
  package let arePreprocessed: Bool
  /// Height and width; the short side alone counts without `squash`.
  package let resize: [Int]?
  package let crop: [Int]?
  package let squash: Bool
  package let order: String
  package let mean: [Float]
  package let std: [Float]
  package let origins: Origins
  /// How many images there are.
  package let images: Int
  /// How many of them have the network's size and were spared `resize` and `crop`.
  package let unchanged: Int

  private let size: Extent
  private let isUnsaid: Bool
  private let model: String

  private enum CodingKeys: CodingKey {
    case arePreprocessed, resize, crop, squash, order, mean, std, origins, images, unchanged
  }

  /// What `handling` does to the records of `data` at `indices` for a network called `model` that
  /// takes `inputShape`.
  package init(
    _ handling: PixelHandling, _ data: Dataset, at indices: [Int], model: String, inputShape: Shape
  ) {
    let (preprocessing, origins) = (handling.preprocessing, handling.origins)
    arePreprocessed = data.holdsValues
    resize = preprocessing.resize.map { [$0.height, $0.width] }
    crop = preprocessing.crop.map { [$0.height, $0.width] }
    squash = preprocessing.squash
    order = [1: "gray", 3: "RGB"][inputShape.channels] ?? "as stored"
    (mean, std) = (preprocessing.mean, preprocessing.std)
    self.origins = Origins(
      resize: origins.resize.rawValue, crop: origins.crop.rawValue,
      order: PreprocessingOrigins.Origin.unsaid.rawValue, mean: origins.mean.rawValue,
      std: origins.std.rawValue)
    images = indices.count
    unchanged = data.countOfUnchanged(indices)
    size = inputShape.extent
    isUnsaid = !data.holdsValues && !origins.sayWhatPixelsMean
    self.model = model
  }

  /// As above, where a float network says all of it, on `count` records of `data`, or all.
  package init(_ graph: Graph, _ data: Dataset, count: Int?) {
    self.init(
      PixelHandling(graph), data, at: data.evenlySpaced(count ?? data.count), model: graph.name,
      inputShape: graph.inputShape)
  }

  /// The line, and another one where pictures are taken as they are.
  package var lines: [String] {
    guard !arePreprocessed else {
      return ["pixels: none; float32 records are taken as preprocessed"]
    }
    let parts = [
      ("resize", Self.words(resize, isSide: !squash), origins.resize),
      ("crop", Self.words(crop, isSide: false), origins.crop), ("order", order, origins.order),
      ("mean", Self.words(mean), origins.mean), ("std", Self.words(std), origins.std),
    ].map { "\($0) \($1) (\($2))" }
    let line = "pixels: " + parts.joined(separator: ", ")
    return unchanged > 0 ? [line, sparing] : [line]
  }

  private var sparing: String {
    let who = images == 1 ? "the image has" : "\(unchanged) of \(images) images have"
    return "pixels: \(who) the network's size, \(size), and \(unchanged == 1 ? "is" : "are") taken "
      + "as \(unchanged == 1 ? "it is" : "they are"), without resize and crop; --resize and --crop "
      + "apply them to all"
  }

  /// What to tell the user where nothing says what pixels mean.
  package var warning: String? {
    guard isUnsaid else { return nil }
    return "nothing says what pixels mean to \(model), so they are scaled to 0...1, which is wrong "
      + "for most networks: say it with --mean and --std, in the model's metadata, or in a .json "
      + "file beside it: see Docs/Models.md"
  }

  private static func words(_ sides: [Int]?, isSide: Bool) -> String {
    guard let sides else { return "none" }
    return isSide ? "\(sides[0])" : "\(sides[0])x\(sides[1])"
  }

  /// One number where all channels have it.
  private static func words(_ numbers: [Float]) -> String {
    let distinct = Set(numbers).count == 1 ? Array(numbers.prefix(1)) : numbers
    return distinct.map { "\($0)" }.joined(separator: ",")
  }
}
