private import Files

/// An `.npy` file of pictures, `[N, H, W, C]` uint8, without labels.
struct NumPyImages: RecordSource {
  let count: Int
  private let file: RandomAccessFile
  private let header: NumPyHeader

  /// Opens the file and checks its type, shape and length.
  init(_ path: String) throws(DatasetError) {
    do {
      file = try RandomAccessFile(path)
    } catch {
      throw .file(error)
    }
    header = try Self.header(of: file)
    guard header.type == .uint8, header.shape.count == 4, !header.shape.contains(0) else {
      throw .notImages(path: path, type: header.type.rawValue, shape: header.shape)
    }
    count = header.shape[0]
  }

  var classNames: [String] { [] }

  func label(at index: Int) -> Int? { nil }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    let imageBytes = header.payloadBytes / count
    do {
      return try file.bytes(at: header.byteCount + index * imageBytes, count: imageBytes)
    } catch {
      throw .file(error)
    }
  }

  func image(at index: Int) throws(DatasetError) -> Image {
    Image(
      height: header.shape[1], width: header.shape[2], channels: header.shape[3],
      pixels: try bytes(at: index))
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
}
