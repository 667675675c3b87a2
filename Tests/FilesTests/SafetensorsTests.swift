import Files
import Foundation
import Testing

@Suite struct SafetensorsTests {
  /// A file as the reference implementation writes it, byte by byte.
  @Test func readsAFileWrittenByHand() throws {
    let header =
      #"{"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","#
      + #""shape":[1,1],"data_offsets":[8,10]},"__metadata__":{"k":"v"}}"#
    var bytes = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0])
    bytes.append(Data(header.utf8))
    bytes.append(contentsOf: [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xC0, 0x3F])
    let file = try Safetensors(bytes: bytes)
    #expect(file.metadata == ["k": "v"])
    #expect(file.tensors["a"]?.integers(Int32.self) == [1, -2])
    #expect(file.tensors["a"]?.integers(Int8.self) == nil)
    #expect(file.tensors["b"]?.floats() == [1.5])
  }

  @Test func roundTripsAndRepeats() throws {
    let file = Safetensors(
      tensors: [
        "x": SafetensorsTensor([Int8(-1), 2, 3]), "y": SafetensorsTensor([Float(0.1), -2]),
        "z": SafetensorsTensor([Int32.min, .max]),
      ], metadata: ["version": "1"])
    let bytes = try file.bytes()
    let read = try Safetensors(bytes: bytes)
    #expect(read.tensors == file.tensors)
    #expect(read.metadata == file.metadata)
    #expect(try read.bytes() == bytes)
  }

  @Test func hostileHeadersThrow() {
    let headers = [
      #"{"a":{"dtype":"I8","shape":[9223372036854775807,4],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"I8","shape":[-4],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[4,0]}}"#,
      #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[-4,0]}}"#,
      #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}}"#,
      #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[0]}}"#,
      #"{"a":{"dtype":"X8","shape":[4],"data_offsets":[0,4]}}"#, "[]", "",
    ]
    for header in headers {
      var bytes = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0])
      bytes.append(Data(header.utf8))
      bytes.append(contentsOf: [1, 2, 3, 4])
      #expect(throws: SafetensorsError.self) { try Safetensors(bytes: bytes) }
    }
    let endless = Data([UInt8](repeating: 0xFF, count: 8) + [1, 2, 3])
    #expect(throws: SafetensorsError.self) { try Safetensors(bytes: endless) }
  }
}
