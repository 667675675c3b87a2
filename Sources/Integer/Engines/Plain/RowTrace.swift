package import BoardKernels
internal import QuantizedIR

/// What firmware has written after each row of its layer table, for one input: the schedule as it
/// is, strips and lookups inside of kernels included, by the definition of each operation.
package enum RowTrace {
  private static let prime: UInt32 = 16_777_619

  /// A running checksum, FNV-1a of 32 bits, after each row of all that rows have written so far. Rows
  /// that fill a tensor with others count for nothing. Twin: `checksum_of` in `main.c`.
  package static func checksums(_ schedule: BoardSchedule, _ input: [Int8]) -> [UInt32] {
    var (checksums, checksum): ([UInt32], UInt32) = ([], 2_166_136_261)
    var arena = BoundModel.plain(schedule).makeArena()
    _ = arena.run(input) { layer, codes in
      let operation = schedule.model.layers[layer].operation
      let writesAll = operation.writtenCount == operation.valueCounts.output
      let count = operation.byteCounts.output
      for start in stride(from: 0, to: codes.count, by: count) {
        if writesAll {
          for code in codes[start..<start + count] {
            checksum = (checksum ^ UInt32(UInt8(bitPattern: code))) &* prime
          }
        }
        checksums.append(checksum)
      }
    }
    return checksums
  }
}

extension BoundModel {
  /// The layers of `schedule` by their definitions, each tensor in bytes of its own.
  fileprivate static func plain(_ schedule: BoardSchedule) -> BoundModel {
    plain(schedule.model, tables: schedule.kernels.map(\.table))
  }
}
