private import Files

/// A folder in CIFAR-10's binary layout: `data_batch_*.bin` to train, `test_batch.bin` to test,
/// and the classes' names in `batches.meta.txt` where it exists.
///
/// A record is one label byte and 3,072 pixels in planes red, green, blue.
/// Source: https://www.cs.toronto.edu/~kriz/cifar.html.
struct CIFARBinary: RecordSource {
  private static let side = 32
  private static let channels = 3
  private static let recordBytes = 1 + channels * side * side
  private static let classCount = 10

  let classNames: [String]
  private let files: [RandomAccessFile]
  /// The index of each file's first record, then the number of all records.
  private let starts: [Int]
  /// One byte a record; none where nobody needs them.
  private let labels: [UInt8]

  /// Whether a file in the folder is named as this layout names its files.
  static func recognizes(_ folder: String) -> Bool {
    let entries = (try? Folder.names(in: folder)) ?? []
    return entries.contains(where: isBatch)
  }

  private static func isBatch(_ name: String) -> Bool {
    name == "test_batch.bin" || name.hasPrefix("data_batch_") && name.hasSuffix(".bin")
  }

  /// Opens the split's files and checks their lengths and all labels.
  ///
  /// - Parameter needsLabels: `false` where pictures alone matter: then no record is read here.
  init(folder: String, split: Dataset.Split, needsLabels: Bool) throws(DatasetError) {
    classNames = needsLabels ? try Self.classNames(folder) : []
    let classCount = classNames.isEmpty ? Self.classCount : classNames.count
    var (files, starts, labels): ([RandomAccessFile], [Int], [UInt8]) = ([], [0], [])
    for name in try Self.fileNames(folder, split) {
      let file = try Self.opened("\(folder)/\(name)")
      if needsLabels { labels += try Self.labels(of: file, classCount: classCount) }
      files.append(file)
      starts.append(starts[starts.count - 1] + file.byteCount / Self.recordBytes)
    }
    (self.files, self.starts, self.labels) = (files, starts, labels)
  }

  var count: Int { starts[starts.count - 1] }
  var recordShape: [Int]? { [Self.side, Self.side, Self.channels] }

  func label(at index: Int) -> Int? { labels.isEmpty ? nil : Int(labels[index]) }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    let after = starts.firstIndex { $0 > index } ?? starts.count
    let record = index - starts[after - 1]
    do {
      return try files[after - 1].bytes(at: record * Self.recordBytes, count: Self.recordBytes)
    } catch {
      throw .file(error)
    }
  }

  func sample(at index: Int) throws(DatasetError) -> Sample {
    let planes = try bytes(at: index)
    let planeBytes = Self.side * Self.side
    var pixels = [UInt8](repeating: 0, count: Self.channels * planeBytes)
    for c in 0..<Self.channels {
      for position in 0..<planeBytes {
        pixels[position * Self.channels + c] = planes[1 + c * planeBytes + position]
      }
    }
    return .image(
      Image(height: Self.side, width: Self.side, channels: Self.channels, pixels: pixels))
  }

  /// The split's file names, sorted.
  private static func fileNames(
    _ folder: String, _ split: Dataset.Split
  ) throws(DatasetError) -> [String] {
    let entries: [String]
    do {
      entries = try Folder.names(in: folder)
    } catch {
      throw .file(error)
    }
    let batches = entries.filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
    let tests = entries.filter { $0 == "test_batch.bin" }
    guard !batches.isEmpty || !tests.isEmpty else {
      throw .unknownFolder(path: folder, holds: entries)
    }
    let names = split == .train ? batches : tests
    guard !names.isEmpty else { throw .missingSplit(path: folder, split: split) }
    return names
  }

  private static func opened(_ path: String) throws(DatasetError) -> RandomAccessFile {
    let file: RandomAccessFile
    do { file = try RandomAccessFile(path) } catch { throw .file(error) }
    let (records, rest) = file.byteCount.quotientAndRemainder(dividingBy: recordBytes)
    guard rest == 0, records > 0 else {
      throw .truncatedRecord(
        path: path, record: records, offset: records * recordBytes, expected: recordBytes,
        found: rest)
    }
    return file
  }

  /// All labels of a file, which is read in pieces of 100 records.
  private static func labels(
    of file: RandomAccessFile, classCount: Int
  ) throws(DatasetError) -> [UInt8] {
    var labels: [UInt8] = []
    for start in stride(from: 0, to: file.byteCount, by: 100 * recordBytes) {
      let piece: [UInt8]
      do {
        piece = try file.bytes(
          at: start, count: min(100 * recordBytes, file.byteCount - start))
      } catch {
        throw .file(error)
      }
      for offset in stride(from: 0, to: piece.count, by: recordBytes) {
        guard piece[offset] < classCount else {
          throw .label(
            path: file.path, record: labels.count, offset: start + offset,
            found: Int(piece[offset]), classCount: classCount)
        }
        labels.append(piece[offset])
      }
    }
    return labels
  }

  /// The lines of `batches.meta.txt`; none where there is no such file.
  private static func classNames(_ folder: String) throws(DatasetError) -> [String] {
    do throws(FileError) {
      let text = String(decoding: try AtomicFile.read("\(folder)/batches.meta.txt"), as: UTF8.self)
      return text.split(whereSeparator: \.isNewline).map(String.init)
    } catch .missing {
      return []
    } catch {
      throw .file(error)
    }
  }
}
