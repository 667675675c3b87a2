extension Preprocessing {
  /// The longest side of a picture in pixels.
  public static let longestSide = 1 << 16
}

extension Preprocessing: Codable {
  private enum CodingKeys: CodingKey { case mean, std, resize, crop, squash, resizesAll }

  /// Both sides are one number where they are equal, else a list of height and width.
  private struct Sides: Codable {
    let extent: Extent

    init(_ extent: Extent) { self.extent = extent }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let sides: [Int]
      if let side = try? container.decode(Int.self) {
        sides = [side, side]
      } else {
        sides = try container.decode([Int].self)
      }
      guard sides.count == 2,
        sides.allSatisfy({ (1...Preprocessing.longestSide).contains($0) })
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected 1 to 65536 pixels, or two such numbers")
      }
      extent = Extent(sides[0], sides[1])
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if extent.height == extent.width {
        try container.encode(extent.height)
      } else {
        try container.encode([extent.height, extent.width])
      }
    }
  }

  /// Throws `DecodingError` for sides that are impossible or contradict `squash`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let squash = try container.decode(Bool.self, forKey: .squash)
    let resize = try container.decodeIfPresent(Sides.self, forKey: .resize)?.extent
    if let resize, resize.height != resize.width, !squash {
      throw DecodingError.dataCorruptedError(
        forKey: .resize, in: container,
        debugDescription: "expected one number, the short side's, without squash")
    }
    self.init(
      mean: try container.decode([Float].self, forKey: .mean),
      std: try container.decode([Float].self, forKey: .std), resize: resize,
      crop: try container.decodeIfPresent(Sides.self, forKey: .crop)?.extent, squash: squash,
      resizesAll: try container.decodeIfPresent(Bool.self, forKey: .resizesAll) ?? false)
  }

  /// What is not so as a rule stays out: files of models that say nothing new keep their bytes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
    try container.encodeIfPresent(resize.map(Sides.init), forKey: .resize)
    try container.encodeIfPresent(crop.map(Sides.init), forKey: .crop)
    try container.encode(squash, forKey: .squash)
    if resizesAll { try container.encode(true, forKey: .resizesAll) }
  }
}
