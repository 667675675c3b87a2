package import Files
internal import Tensors

/// Where a network's tensors come from, by name.
package enum WeightSource: Sendable {
  /// A file whose tensors are named and laid out as the architecture's style has them.
  case file(Safetensors)
  /// Values that the seed and each tensor's name determine, batch normalization included.
  case random(seed: UInt64)

  /// The values of the tensor `name`, in the order of the style's layout.
  func values(
    _ name: String, shape: [Int], kind: WeightKind
  ) throws(BuildError) -> [Float] {
    switch self {
    case .file(let file): try Self.read(name, shape, kind, file)
    case .random(let seed): Self.draw(name, shape, kind, seed)
    }
  }

  /// Tensors of floats that `names` does not contain, in alphabetical order.
  func unused(besides names: Set<String>) -> [String] {
    guard case .file(let file) = self else { return [] }
    return file.tensors.keys.filter { name in
      !names.contains(name) && file.tensors[name]?.floats() != nil
    }.sorted()
  }

  private static func read(
    _ name: String, _ shape: [Int], _ kind: WeightKind, _ file: Safetensors
  ) throws(BuildError) -> [Float] {
    guard let tensor = file.tensors[name] else {
      let nearest = nearest(to: name, among: file.tensors.keys)
      throw .missing(tensor: name, expected: shape, nearest: nearest)
    }
    guard tensor.shape == shape else {
      throw .shape(tensor: name, expected: shape, found: tensor.shape)
    }
    guard let values = tensor.floats() else { throw .type(tensor: name, found: tensor.dtype) }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: name, index: index, value: "\(values[index])")
    }
    if case .variance = kind, let index = values.firstIndex(where: { $0 < 0 }) {
      throw .negativeVariance(tensor: name, index: index, value: values[index])
    }
    return values
  }

  /// The name with the longest end in common with `name`, since exporters put something in front;
  /// the first in alphabetical order of several, and `nil` where none ends in the same letter.
  private static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    let ranked = names.sorted().map { found in
      (found, length: zip(found.reversed(), name.reversed()).prefix { $0 == $1 }.count)
    }
    let longest = ranked.map(\.length).max() ?? 0
    return longest == 0 ? nil : ranked.first { $0.length == longest }?.0
  }

  /// Uniform values in steps of 2^-24 of the range, so that any language can repeat them exactly.
  private static func draw(
    _ name: String, _ shape: [Int], _ kind: WeightKind, _ seed: UInt64
  ) -> [Float] {
    // FNV-1a: each tensor has a sequence of its own, whatever the order of asking.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    var random = SplitMix64(seed: seed ^ hash)
    let range = kind.randomRange
    return (0..<shape.reduce(1, *)).map { _ in
      let fraction = Double(random.next() >> 40) * 0x1p-24
      return Float(range.lowerBound + (range.upperBound - range.lowerBound) * fraction)
    }
  }
}
