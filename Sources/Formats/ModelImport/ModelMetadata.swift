internal import FoundationEssentials
internal import Tensors

/// What a file beside a model says of its images and classes, for formats that do not say it
/// themselves: `{"preprocessing": {"mean": […], "std": […], "resize": 96, "crop": 96,
/// "squash": true}, "labels": […]}`. A size may be a list of height and width.
struct ModelMetadata: Decodable {
  private struct Pixels: Decodable {
    var mean: [Float]?
    var std: [Float]?
    var resize: Sides?
    var crop: Sides?
    var squash: Bool?
  }

  /// One number, or height and width.
  private struct Sides: Decodable {
    // Not `Int`, of whose fractions the decoder does not say where they stand.
    let numbers: [Double]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        numbers = [number]
      } else {
        numbers = try container.decode([Double].self)
      }
    }

    var isSound: Bool {
      (1...2).contains(numbers.count)
        && numbers.allSatisfy { (1...65536).contains($0) && $0 == $0.rounded() }
    }

    /// `isSound`.
    var extent: Extent { Extent(Int(numbers[0]), Int(numbers[numbers.count - 1])) }
  }

  private var preprocessing: Pixels?
  private var classNames: [String]?
  private var file = ""

  private enum CodingKeys: String, CodingKey {
    case preprocessing
    case classNames = "labels"
  }

  /// The names of the classes in output order; empty where the file names none.
  var labels: [String] { classNames ?? [] }

  /// Checks that nothing is said of pixels where there are several inputs.
  func check(inputs: Int) throws(ImportError) {
    guard inputs == 1 || preprocessing == nil else {
      throw problem("preprocessing", "none: a network with several inputs takes them as they are")
    }
  }

  /// Checks that there are no labels, or one for each class that one of `outputs` tells apart.
  func checkLabels(_ outputs: [NamedShape]) throws(ImportError) {
    let shapes = outputs.map(\.shape)
    guard labels.isEmpty || shapes.tellApart(labels.count) else {
      let counts = shapes.map { "\($0.channels)" }.joined(separator: " or ")
      throw problem("labels", "\(counts) names, one for each output, found \(labels.count)")
    }
  }

  /// Decodes the bytes of the file called `file`.
  init(_ json: Data, file: String) throws(ImportError) {
    do {
      self = try JSONDecoder().decode(ModelMetadata.self, from: json)
      self.file = file
    } catch {
      throw .metadataFile(name: file, problem: Self.problem(error))
    }
  }

  /// What kept the decoder from the values, in the words of the format.
  private static func problem(_ error: any Error) -> String {
    let path: [any CodingKey] =
      switch error {
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context):
        context.codingPath
      default: []
      }
    let names = path.filter { $0.intValue == nil }.map(\.stringValue)
    let kinds = [
      "preprocessing": "an object", "mean": "a list of numbers", "std": "a list of numbers",
      "resize": "a whole number or two", "crop": "a whole number or two", "squash": "true or false",
      "labels": "a list of names",
    ]
    guard let name = names.last, let kind = kinds[name] else {
      return "expected a JSON object with preprocessing and labels, found something else; correct "
        + "it: see Docs/Models.md"
    }
    return "'\(names.joined(separator: "."))': expected \(kind), found something else; correct it: "
      + "see Docs/Models.md"
  }

  private func problem(_ key: String, _ expectedAndFound: String) -> ImportError {
    .metadataFile(name: file, problem: "'\(key)': expected \(expectedAndFound); correct it")
  }

  /// How pixels are prepared; `nil` where the file does not say.
  func preprocessing(channels: Int) throws(ImportError) -> Preprocessing? {
    guard let preprocessing else { return nil }
    let plain = Preprocessing.unit(channels: channels)
    let mean = try check("mean", preprocessing.mean ?? plain.mean, channels)
    let std = try check("std", preprocessing.std ?? plain.std, channels)
    guard std.allSatisfy({ $0 != 0 }) else {
      throw problem("preprocessing.std", "numbers other than 0, found \(std)")
    }
    for (key, sides) in [("resize", preprocessing.resize), ("crop", preprocessing.crop)] {
      guard let sides, !sides.isSound else { continue }
      let found = sides.numbers.map { "\($0)" }.joined(separator: ", ")
      throw problem(
        "preprocessing.\(key)",
        "a whole number from 1 to 65536, or a list of height and width, found \(found)")
    }
    let areTwo = preprocessing.resize?.numbers.count == 2
    guard !areTwo || preprocessing.squash != false else {
      throw problem("preprocessing.squash", "true, with both sides to resize to, found false")
    }
    return Preprocessing(
      mean: mean, std: std, resize: preprocessing.resize?.extent,
      crop: preprocessing.crop?.extent, squash: preprocessing.squash ?? areTwo)
  }

  /// Which parts of the preprocessing the file says.
  var origins: PreprocessingOrigins {
    PreprocessingOrigins(
      .sidecar, mean: preprocessing?.mean != nil, std: preprocessing?.std != nil,
      resize: preprocessing?.resize != nil, crop: preprocessing?.crop != nil)
  }

  private func check(
    _ key: String, _ values: [Float], _ channels: Int
  ) throws(ImportError) -> [Float] {
    guard values.count == channels, values.allSatisfy(\.isFinite) else {
      throw problem(
        "preprocessing.\(key)", "\(channels) numbers, one for each channel, found \(values)")
    }
    return values
  }
}

extension [Shape] {
  /// Whether outputs of these shapes tell `count` classes apart: a vector alone just as many; places
  /// in a map, or boxes, these or the background beside them.
  func tellApart(_ count: Int) -> Bool {
    if self.count == 1, self[0].rank <= 2 { return self[0].channels == count }
    return contains { $0.channels == count || $0.channels == count + 1 }
  }
}
