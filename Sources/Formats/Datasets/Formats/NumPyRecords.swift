internal import Files
private import FoundationEssentials
internal import Tensors

/// An `.npy` file: pictures, `[N, H, W, C]` uint8, or preprocessed inputs of any shape, `[N, …]`
/// float32. The labels are in a file beside it, where there are any.
struct NumPyRecords: RecordSource {
  let count: Int
  private let file: RandomAccessFile
  private let header: NumPyHeader
  /// One a record; none where there is no such file.
  private let labels: [Int]

  /// Opens the file and checks its type, shape and length; reads all labels.
  ///
  /// - Parameter needsLabels: `false` where records alone matter.
  init(_ path: String, needsLabels: Bool) throws(DatasetError) {
    do {
      file = try RandomAccessFile(path)
    } catch {
      throw .file(error)
    }
    header = try Self.header(of: file)
    let rank = header.shape.count
    guard header.type == .uint8 && rank == 4 || header.type == .float32 && rank >= 2,
      !header.shape.contains(0)
    else {
      throw .notRecords(path: path, type: header.type.rawValue, shape: header.shape)
    }
    count = header.shape[0]
    labels = needsLabels ? try Self.labels(beside: path, count: count) : []
  }

  var classNames: [String] { [] }
  var holdsValues: Bool { header.type == .float32 }
  var recordShape: [Int]? { Array(header.shape.dropFirst()) }

  func label(at index: Int) -> Int? { labels.isEmpty ? nil : labels[index] }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    let recordBytes = header.payloadBytes / count
    do {
      return try file.bytes(at: header.byteCount + index * recordBytes, count: recordBytes)
    } catch {
      throw .file(error)
    }
  }

  func sample(at index: Int) throws(DatasetError) -> Sample {
    let bytes = try bytes(at: index)
    guard header.type == .float32 else {
      return .image(
        Image(
          height: header.shape[1], width: header.shape[2], channels: header.shape[3],
          pixels: bytes))
    }
    let values = Data(bytes).littleEndianIntegers(UInt32.self).map(Float.init(bitPattern:))
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(
        path: file.path, index: [index] + place(position), value: "\(values[position])")
    }
    return .values(values)
  }

  /// The indices along the axes of a record's value at `position`.
  private func place(_ position: Int) -> [Int] {
    var (rest, indices) = (position, [Int]())
    for size in header.shape.dropFirst().reversed() {
      indices.append(rest % size)
      rest /= size
    }
    return indices.reversed()
  }

  private static func header(of file: RandomAccessFile) throws(DatasetError) -> NumPyHeader {
    let start: [UInt8]
    do {
      start = try file.bytes(at: 0, count: min(NumPyHeader.longest, file.byteCount))
    } catch {
      throw .file(error)
    }
    do {
      let header = try NumPyHeader(start: start)
      try header.checkLength(file.byteCount)
      return header
    } catch {
      throw .npy(path: file.path, error)
    }
  }

  /// The numbers in `NAME.labels.npy` beside `NAME.npy`, `[N]`; none where there is no such file.
  private static func labels(beside path: String, count: Int) throws(DatasetError) -> [Int] {
    let path = String(path.dropLast(".npy".count)) + ".labels.npy"
    let bytes: Data
    do throws(FileError) {
      bytes = try AtomicFile.read(path)
    } catch .missing {
      return []
    } catch {
      throw .file(error)
    }
    let array: NumPyArray
    do { array = try NumPyArray(file: bytes) } catch { throw .npy(path: path, error) }
    let labels =
      array.values(UInt8.self)?.map(Int.init) ?? array.values(Int32.self)?.map(Int.init)
      ?? array.values(Int64.self)?.map(Int.init)
    guard let labels, array.shape == [count] else {
      throw .notLabels(
        path: path, type: array.type.rawValue, shape: array.shape, count: count)
    }
    return labels
  }
}

/// A folder with an `.npy` file for each of a network's several inputs, `NAME.npy`, all of as many
/// records. A record is the values of all inputs, one after another; bytes count as the numbers that
/// they are.
struct InputFolder: RecordSource {
  private let parts: [NumPyRecords]
  let count: Int
  let recordShape: [Int]?

  /// - Parameter needsLabels: `false` where records alone matter. Labels may lie beside any input.
  init(_ path: String, _ inputs: [NamedShape], needsLabels: Bool) throws(DatasetError) {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    guard Folder.exists(path) else { throw .notInputs(path: path, inputs: inputs.map(\.name)) }
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
