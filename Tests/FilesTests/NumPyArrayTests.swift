import Files
import Foundation
import Testing

@Suite struct NumPyArrayTests {
  /// A file whose header is `header` in format `version`, then `payload` bytes.
  private func file(_ header: String, version: UInt8 = 1, payload: Int = 0) -> Data {
    let count = UInt32(header.utf8.count)
    let lengthBytes = version == 1 ? 2 : 4
    let length = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + length) + Data(header.utf8)
      + Data(repeating: 1, count: payload)
  }

  @Test func numPyWroteTheSameBytes() throws {
    // numpy.save of numpy.array([[1.5, -2, 0.25]], "f4"), numpy 2.4.6.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"
    let padded = header + String(repeating: " ", count: 128 - 10 - 1 - header.count) + "\n"
    let expected =
      file(padded) + Data([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x80, 0x3e])
    let array = NumPyArray([1.5, -2, 0.25] as [Float], shape: [1, 3])
    #expect(array.file() == expected)
    #expect(try NumPyArray(file: expected) == array)
    #expect(array.values(Float.self) == [1.5, -2, 0.25])
    #expect(array.values(Int32.self) == nil)
  }

  @Test func everyTypeComesBack() throws {
    func roundTrip<Element: NumPyElement & Equatable>(_ values: [Element]) throws {
      for shape in [[values.count], [1, values.count, 1], [values.count, 1]] {
        let read = try NumPyArray(file: NumPyArray(values, shape: shape).file())
        #expect(read.shape == shape)
        #expect(read.values(Element.self) == values)
      }
    }
    try roundTrip([Float.pi, -.infinity, .leastNonzeroMagnitude])
    try roundTrip([Int32.min, 7, .max])
    try roundTrip([Int8.min, -1, .max])
    try roundTrip([UInt8.min, 128, .max])
    try roundTrip([Int8]())
    #expect(try NumPyArray(file: NumPyArray([Int32(5)], shape: []).file()).shape == [])
  }

  @Test(arguments: [1, 2, 3] as [UInt8])
  func everyVersionIsRead(_ version: UInt8) throws {
    let header = #"{"shape":(2L,2),"descr":"|u1","fortran_order":False}"#
    let array = try NumPyArray(file: file(header, version: version, payload: 4))
    #expect(array == NumPyArray([1, 1, 1, 1] as [UInt8], shape: [2, 2]))
  }

  @Test func everyTruncationIsAnError() throws {
    let whole = NumPyArray([1, 2, 3] as [Int32], shape: [3]).file()
    for count in 0..<whole.count {
      #expect(throws: NumPyError.self) { try NumPyArray(file: whole.prefix(count)) }
    }
    #expect(throws: NumPyError.length(shape: [3], expected: 140, found: 141)) {
      try NumPyArray(file: whole + [0])
    }
  }

  @Test(arguments: [
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", NumPyError.type("'>f4'")),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", nil),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", .order),
    ("{'descr': '<f4', 'fortran_order': False}", nil),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", nil),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", nil),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}",
      .shape([1 << 62])
    ),
    (
      "{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775807,)}",
      .shape([.max])
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", nil),
    ("{'descr'", nil), ("", nil), ("{}", .type("none")),
  ])
  func hostileHeadersAreErrors(_ header: String, _ expected: NumPyError?) {
    let error = #expect(throws: NumPyError.self) { try NumPyArray(file: file(header, payload: 4)) }
    if let expected { #expect(error == expected) }
  }

  @Test func everyFlippedByteOfAHeaderIsReadOrRejected() throws {
    let whole = NumPyArray([1, 2, 3] as [Int32], shape: [3, 1]).file()
    for position in 0..<128 {
      for bit in 0..<8 {
        var damaged = whole
        damaged[position] ^= 1 << bit
        if let array = try? NumPyArray(file: damaged) { #expect(array.bytes.count == 12) }
      }
    }
  }
}
