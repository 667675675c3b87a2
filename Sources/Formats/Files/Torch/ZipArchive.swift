internal import FoundationEssentials

/// The entries of a zip file that are stored as they are, which is how PyTorch writes tensors.
///
/// The central directory at the end says where each entry lies; sizes of 64 bits too.
/// Source: PKWARE's APPNOTE.TXT 6.3.10, 4.3 and 4.5.3.
struct ZipArchive {
  private let bytes: LittleEndianBytes
  private var entries: [String: Entry] = [:]

  /// Reads the central directory of `file`.
  ///
  /// - Throws: `TorchFileError.damaged` where it does not lie within the file.
  init(_ file: Data) throws(TorchFileError) {
    bytes = LittleEndianBytes(Data(file))
    let directory = try Self.directory(bytes)
    var place = directory.start
    for _ in 0..<directory.count {
      let entry = try Entry(bytes, at: place)
      entries[entry.path] = entry
      place = entry.next
    }
  }

  /// The paths of all entries.
  var paths: some Sequence<String> { entries.keys }

  /// The bytes of the entry at `path`; `nil` where there is none.
  ///
  /// - Throws: `TorchFileError.damaged` where they do not lie within the file, `compressed` where
  ///   they are not stored as they are.
  func contents(_ path: String) throws(TorchFileError) -> Data? {
    try entries[path]?.contents(bytes)
  }

  /// Whether `file` begins as zip files do.
  static func recognizes(_ file: Data) -> Bool { file.prefix(4).elementsEqual([0x50, 0x4B, 3, 4]) }

  /// The place of the first record of the central directory, and how many there are.
  private static func directory(
    _ bytes: LittleEndianBytes
  ) throws(TorchFileError) -> (start: Int, count: Int) {
    // A comment of at most 65,535 bytes may follow the 22 of the last record.
    let last = bytes.count - 22
    var end = last
    while end >= max(0, last - 0xFFFF), try bytes.integer(end, 4) != 0x0605_4B50 { end -= 1 }
    guard end >= max(0, last - 0xFFFF) else { throw .damaged("it has no list of its parts") }
    let (count, start) = (try bytes.integer(end + 10, 2), try bytes.integer(end + 16, 4))
    guard count == 0xFFFF || start == 0xFFFF_FFFF else { return (start, count) }
    guard end >= 20, try bytes.integer(end - 20, 4) == 0x0706_4B50 else { return (start, count) }
    let wide = try bytes.integer(end - 12, 8)
    return (try bytes.integer(wide, 8, after: 48), try bytes.integer(wide, 8, after: 32))
  }

  /// A record of the central directory.
  private struct Entry {
    let path: String
    let method: Int
    let size: Int
    /// Where the entry's own record lies.
    let start: Int
    /// Where the next record of the directory lies.
    let next: Int

    init(_ bytes: LittleEndianBytes, at place: Int) throws(TorchFileError) {
      guard try bytes.integer(place, 4) == 0x0201_4B50 else {
        throw .damaged("its list of parts is broken at byte \(place)")
      }
      method = try bytes.integer(place, 2, after: 10)
      let stored = try bytes.integer(place, 4, after: 20)
      let name = try bytes.integer(place, 2, after: 28)
      let extra = try bytes.integer(place, 2, after: 30)
      let header = try bytes.integer(place, 4, after: 42)
      path = String(decoding: try bytes.slice(place + 46, name), as: UTF8.self)
      next = place + 46 + name + extra + (try bytes.integer(place, 2, after: 32))
      // The fields that do not fit into 32 bits follow in this order: both sizes, then the place.
      var wide = try Self.wideFields(bytes, place + 46 + name, extra)[...]
      if try bytes.integer(place, 4, after: 24) == 0xFFFF_FFFF { wide = wide.dropFirst() }
      size = stored == 0xFFFF_FFFF ? wide.popFirst() ?? stored : stored
      start = header == 0xFFFF_FFFF ? wide.popFirst() ?? header : header
    }

    /// The whole numbers of 64 bits in the extra field of that kind.
    private static func wideFields(
      _ bytes: LittleEndianBytes, _ place: Int, _ count: Int
    ) throws(TorchFileError) -> [Int] {
      var offset = 0
      while offset + 4 <= count {
        let length = try bytes.integer(place + offset, 2, after: 2)
        if try bytes.integer(place + offset, 2) == 1 {
          var fields: [Int] = []
          for field in 0..<min(length, count - offset - 4) / 8 {
            fields.append(try bytes.integer(place + offset + 4 + 8 * field, 8))
          }
          return fields
        }
        offset += 4 + length
      }
      return []
    }

    func contents(_ bytes: LittleEndianBytes) throws(TorchFileError) -> Data {
      guard method == 0 else { throw .compressed(entry: path) }
      guard try bytes.integer(start, 4) == 0x0403_4B50 else {
        throw .damaged("its part '\(path)' is not where the list says")
      }
      let name = try bytes.integer(start, 2, after: 26)
      let extra = try bytes.integer(start, 2, after: 28)
      return try bytes.slice(start + 30 + name + extra, size)
    }
  }
}

/// Bytes with bounds that are checked, and whole numbers in them, little-endian.
struct LittleEndianBytes {
  private let data: Data

  init(_ data: Data) { self.data = data }

  var count: Int { data.count }

  /// The number of `width` bytes at `offset` bytes behind `place`.
  func integer(
    _ place: Int, _ width: Int, after offset: Int = 0
  ) throws(TorchFileError) -> Int {
    guard place >= 0, place <= count, offset + width <= count - place else {
      throw .damaged("it ends within a number at byte \(place)")
    }
    let first = data.startIndex + place + offset
    let value = data[first..<first + width].reversed().reduce(0 as UInt64) {
      $0 << 8 | UInt64($1)
    }
    guard let value = Int(exactly: value) else {
      throw .damaged("a size at byte \(place + offset) is out of reach")
    }
    return value
  }

  func slice(_ place: Int, _ length: Int) throws(TorchFileError) -> Data {
    guard place >= 0, length >= 0, place <= count, length <= count - place else {
      throw .damaged("\(length) bytes at byte \(place) lie beyond its end")
    }
    return data[data.startIndex + place..<data.startIndex + place + length]
  }
}
