import Files
import Foundation
import TestSupport
import Testing

/// Files that `make_torch_files.py` wrote with PyTorch, read without it.
@Suite struct TorchFileTests {
  private static func file(_ name: String) throws -> Data {
    try Data(contentsOf: Locations.tests.appending(path: "FilesTests/Torch/\(name)"))
  }

  /// Quarters from -1 upwards.
  private static func counted(_ places: [Int]) -> [Float] { places.map { Float($0) / 4 - 1 } }

  @Test(arguments: ["forms.pth", "protocol3.pth", "protocol4.pth", "protocol5.pth"])
  func readsEveryForm(_ name: String) throws {
    let tensors = try TorchFile.weights(Self.file(name)).tensors
    let six = Self.counted(Array(0..<6))
    for form in ["float", "half", "bfloat", "double", "parameter"] {
      #expect(tensors[form]?.shape == [2, 3], "\(form)")
      #expect(tensors[form]?.floats() == six, "\(form)")
    }
    #expect(
      tensors["count"]
        == SafetensorsTensor(
          dtype: "I64", shape: [], bytes: Data([7] + [UInt8](repeating: 0, count: 7))))
    #expect(tensors["bytes"]?.integers(UInt8.self) == [1, 255])
    #expect(tensors["channelsLast"]?.floats() == Self.counted(Array(0..<24)))
    #expect(tensors["transposed"]?.floats() == six)
    #expect(tensors["part"]?.floats() == Self.counted([3, 5, 6, 8]))
    #expect(tensors["repeated"]?.floats() == [Float](repeating: 0.5, count: 6))
    #expect(tensors["empty"]?.shape == [0, 3])
    #expect(tensors.count == 12)
  }

  /// A state dict under a key, with the prefix of a wrapper, among counters and optimizers.
  @Test func findsTheStateDictOfACheckpoint() throws {
    let plain = try TorchFile.weights(Self.file("state.pth")).tensors
    #expect(
      Set(plain.keys) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
        "1.num_batches_tracked",
      ])
    #expect(plain["0.weight"]?.floats() == Self.counted([0, 1]))
    #expect(try TorchFile.weights(Self.file("checkpoint.pth")).tensors == plain)
  }

  @Test func refusesWhatOnlyPythonCouldMake() throws {
    let expected: [String: TorchFileError] = [
      "several.pth": .several(keys: ["first", "second"]),
      "tensor.pth": .noStateDict(found: "one tensor"),
      "nothing.pth": .noStateDict(found: "a dictionary without tensors"),
      "network.pth": .noStateDict(
        found: "an object of torch.nn.modules.container.Sequential, which only Python could open"),
      "legacy.pth": .legacy,
      "script.pt": .script,
      "hostile.pth": .noStateDict(
        found: "an object of __builtin__.print, which only Python could open"),
      "hostile-beside.pth": .foreign(name: "__builtin__.print"),
    ]
    for (name, error) in expected {
      let bytes = try Self.file(name)
      #expect(throws: error, "\(name)") { try TorchFile.weights(bytes) }
      #expect(!"\(error)".isEmpty)
    }
  }

  /// Cut off anywhere, or with any one byte changed, a file throws or gives tensors whose sizes fit.
  @Test(arguments: ["forms.pth", "checkpoint.pth"])
  func damageThrows(_ name: String) throws {
    let bytes = [UInt8](try Self.file(name))
    for length in stride(from: 0, to: bytes.count, by: 3) {
      #expect(throws: TorchFileError.self) { try TorchFile.weights(Data(bytes[..<length])) }
    }
    var survivors = 0
    for place in bytes.indices {
      for value in [0, 0x7F, 0xFF, bytes[place] &+ 1] {
        var changed = bytes
        changed[place] = value
        guard let file = try? TorchFile.weights(Data(changed)) else { continue }
        survivors += 1
        for tensor in file.tensors.values {
          let width = try #require(
            [
              "I64": 8, "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "U8": 1, "I32": 4, "I16": 2,
              "I8": 1, "BOOL": 1,
            ][tensor.dtype])
          #expect(tensor.bytes.count == tensor.shape.reduce(width, *))
        }
      }
    }
    #expect(survivors > 0)
  }

  /// Tensors that all show the same bytes do not take more memory than a multiple of the file.
  @Test func sizesAreLimited() throws {
    var bytes = try Self.file("forms.pth")
    // The sizes (2, 3) of the expanded tensor, whose strides are 0, as BININT1 each.
    let sizes = Data([0x4B, 2, 0x4B, 3, 0x86])
    let strides = Data([0x4B, 0, 0x4B, 0, 0x86])
    let place = try #require(bytes.range(of: strides))
    let before = try #require(bytes[..<place.lowerBound].range(of: sizes, options: .backwards))
    bytes[before.lowerBound + 1] = 0xFF
    bytes[before.lowerBound + 3] = 0xFF
    #expect(throws: TorchFileError.tooLarge(limit: 16 * bytes.count)) {
      try TorchFile.weights(bytes)
    }
  }

  /// Lengths of 64 bits that no file has.
  @Test(arguments: [UInt64.max, 1 << 63, UInt64(Int.max), 1 << 40])
  func lengthsBeyondTheFileThrow(_ length: UInt64) throws {
    var bytes = try Self.file("protocol4.pth")
    // The first text, in the place of whose opcode and length stands one of 64 bits.
    let place = try #require(bytes.firstRange(of: Data([0x8C])))
    bytes.replaceSubrange(
      place.lowerBound..<place.lowerBound + 9,
      with: Data([0x8D]) + withUnsafeBytes(of: length.littleEndian) { Data($0) })
    #expect(throws: TorchFileError.self) { try TorchFile.weights(bytes) }
  }
}
