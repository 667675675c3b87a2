internal import Files
private import Foundation
internal import Tensors

/// A folder with an `.npy` file for each of a network's several inputs, `NAME.npy`, all of as many
/// records. A record is the values of all inputs, one after another; bytes count as the numbers that
/// they are.
struct InputFolder: RecordSource {
  private let parts: [NumPyRecords]
  let count: Int
  let recordShape: [Int]?

  /// - Parameter needsLabels: `false` where records alone matter. Labels may lie beside any input.
  init(_ path: String, _ inputs: [NamedShape], needsLabels: Bool) throws(DatasetError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .missing(path: path)
    }
    guard isFolder.boolValue else { throw .notInputs(path: path, inputs: inputs.map(\.name)) }
    var parts: [NumPyRecords] = []
    for input in inputs {
      let file = "\(path)/\(input.name.asFileName).npy"
      guard FileManager.default.fileExists(atPath: file) else {
        throw .notInputs(path: path, inputs: inputs.map(\.name))
      }
      let part = try NumPyRecords(file, needsLabels: needsLabels)
      let shape = part.recordShape ?? []
      guard [1] + shape == input.shape.dimensions else {
        throw .valueShape(path: file, expected: input.shape, found: [part.count] + shape)
      }
      if let first = parts.first, first.count != part.count {
        throw .unequalInputs(path: file, expected: first.count, found: part.count)
      }
      parts.append(part)
    }
    self.parts = parts
    count = parts.first?.count ?? 0
    recordShape = [inputs.reduce(0) { $0 + $1.shape.count }]
  }

  var classNames: [String] { [] }
  var holdsValues: Bool { true }

  func label(at index: Int) -> Int? { parts.lazy.compactMap { $0.label(at: index) }.first }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts { bytes += try part.bytes(at: index) }
    return bytes
  }

  func sample(at index: Int) throws(DatasetError) -> Sample {
    var values: [Float] = []
    for part in parts {
      switch try part.sample(at: index) {
      case .values(let found): values += found
      case .image(let image): values += image.pixels.map { Float($0) }
      }
    }
    return .values(values)
  }
}
