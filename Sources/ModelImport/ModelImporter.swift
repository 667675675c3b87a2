internal import Files
package import Foundation
internal import QuantizedIR

/// Reads model files of every known format.
package enum ModelImporter {
  /// The model in the file at `path`, and the SHA-256 of that file in hexadecimal.
  ///
  /// - Throws: `ImportError`; its sentence leaves the file's name to the caller.
  package static func load(
    path: String
  ) throws(ImportError) -> (model: ImportedModel, sha256: String) {
    let bytes = try read(path)
    let url = URL(filePath: path)
    let model = try load(
      bytes: bytes, name: url.deletingPathExtension().lastPathComponent,
      folder: url.deletingLastPathComponent().path)
    return (model, SHA256.hex(bytes))
  }

  /// The model in `bytes`, called `name`. `folder` is where weights lie that an ONNX file keeps in
  /// files of their own; without it there can be none.
  package static func load(
    bytes: Data, name: String, folder: String? = nil
  ) throws(ImportError) -> ImportedModel {
    if isSafetensors(bytes) {
      do throws(ModelFileError) {
        return .quantized(try QuantizedModel(fileBytes: bytes))
      } catch {
        throw .quantizedModel(error)
      }
    }
    return .float(try ONNXFile(bytes: bytes, folder: folder).graph(name: name))
  }

  /// Whether the file starts as safetensors do: eight bytes of header length, then JSON.
  private static func isSafetensors(_ bytes: Data) -> Bool {
    bytes.count > 8 && bytes[bytes.startIndex + 8] == UInt8(ascii: "{")
      && bytes.prefix(8).littleEndianIntegers(UInt64.self)[0] < 1 << 32
  }

  static func read(_ path: String) throws(ImportError) -> Data {
    do throws(FileError) {
      return try AtomicFile.read(path)
    } catch {
      switch error {
      case .missing: throw .missing
      case .cannotRead(_, let reason), .cannotWrite(_, let reason): throw .unreadable(reason)
      }
    }
  }
}
