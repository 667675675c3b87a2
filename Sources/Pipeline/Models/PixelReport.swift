package import Datasets
package import NetworkGraph
package import QuantizedIR
package import Tensors

/// What happens to pixels, and who says so.
package struct PixelHandling: Sendable {
  package var preprocessing: Preprocessing
  package var origins: PreprocessingOrigins

  package init(_ preprocessing: Preprocessing, _ origins: PreprocessingOrigins) {
    self.preprocessing = preprocessing
    self.origins = origins
  }

  /// As a float network's file, or who called for another preprocessing, says.
  package init(_ graph: Graph) { self.init(graph.preprocessing, graph.preprocessingOrigins) }

  /// As an int8 model's file says; 0...1 where it takes codes alone.
  package init(_ model: QuantizedModel) {
    if let encoding = model.pixelEncoding {
      self.init(encoding.preprocessing, PreprocessingOrigins(.quantized))
    } else if model.inputs.count > 1 {
      self.init(.none, PreprocessingOrigins())
    } else {
      self.init(.unit(channels: model.inputTensor.shape.channels), PreprocessingOrigins())
    }
  }

  /// With the parts that `other` has, too, said by whom `other` names.
  package func attributed(to other: PixelHandling) -> PixelHandling {
    var result = self
    let (mine, theirs) = (preprocessing, other.preprocessing)
    if mine.mean == theirs.mean { result.origins.mean = other.origins.mean }
    if mine.std == theirs.std { result.origins.std = other.origins.std }
    if mine.resize == theirs.resize, mine.squash == theirs.squash {
      result.origins.resize = other.origins.resize
    }
    if mine.crop == theirs.crop { result.origins.crop = other.origins.crop }
    return result
  }
}

/// What a user says of pixels, in place of what the model's file says; `nil` for what it says.
package struct PixelChoices: Sendable {
  /// One number a channel.
  package var mean: [Float]?
  /// One number a channel.
  package var std: [Float]?
  /// Of the short side, or of both with `squash`.
  package var resize: Extent?
  package var crop: Extent?
  package var squash = false

  package init() {}

  private var changesSize: Bool { resize != nil || crop != nil || squash }

  /// `graph` with these in place of what its file says; several inputs are never pixels.
  package func applied(to graph: Graph) -> Graph {
    guard graph.inputs.count == 1 else { return graph }
    let pixels = applied(to: PixelHandling(graph))
    var graph = graph
    graph.preprocessing = pixels.preprocessing
    graph.preprocessingOrigins = pixels.origins
    return graph
  }

  /// `model` with these in place of what its file says.
  package func applied(to model: QuantizedModel) -> QuantizedModel {
    guard model.inputs.count == 1, mean != nil || std != nil || changesSize else { return model }
    var model = model
    model.pixelEncoding = PixelEncoding(
      preprocessing: applied(to: PixelHandling(model)).preprocessing, input: model.inputTensor)
    return model
  }

  /// `pixels` with these in place of what others say.
  func applied(to pixels: PixelHandling) -> PixelHandling {
    var pixels = pixels
    if let mean {
      pixels.preprocessing.mean = mean
      pixels.origins.mean = .commandLine
    }
    if let std {
      pixels.preprocessing.std = std
      pixels.origins.std = .commandLine
    }
    if let resize {
      pixels.preprocessing.resize = resize
      pixels.origins.resize = .commandLine
    }
    if let crop {
      pixels.preprocessing.crop = crop
      pixels.origins.crop = .commandLine
    }
    if squash { pixels.preprocessing.squash = true }
    if changesSize { pixels.preprocessing.resizesAll = true }
    return pixels
  }
}

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
