internal import BoardKernels

/// A schedule's tables and structs as C finds them in flash, at addresses that do not move.
final class BoardConstants {
  private let tables: UnsafeMutableRawPointer
  private let layout: TableLayout
  private var structs: [Int: UnsafeMutableRawPointer] = [:]

  /// Kernels may read tables 16 bytes at a time. Twin: `MNQ_ALIGNED`.
  private static let alignment = 16

  init(_ schedule: BoardSchedule) {
    layout = schedule.tableLayout
    tables = .allocate(byteCount: max(1, layout.bytes.count), alignment: Self.alignment)
    tables.copyMemory(from: layout.bytes, byteCount: layout.bytes.count)
    for index in schedule.kernels.indices where schedule.tables.ownsStruct(index) {
      let kernel = schedule.kernels[index]
      let image = image(of: kernel.record, tablesOf: schedule.tables.tables[index])
      precondition(
        image.count == KernelCall(kernel.stem).structBytes,
        "\(kernel.stem): the record is not the struct")
      let place = UnsafeMutableRawPointer.allocate(
        byteCount: image.count, alignment: MemoryLayout<UnsafeRawPointer>.alignment)
      place.copyMemory(from: image, byteCount: image.count)
      structs[index] = place
    }
  }

  deinit {
    tables.deallocate()
    for place in structs.values { place.deallocate() }
  }

  /// Where the table called `key` begins.
  func address(of key: TableLayout.Key) -> UnsafeRawPointer {
    UnsafeRawPointer(tables + layout.offset(of: key))
  }

  /// The struct that layer `owner` has written.
  func layer(_ owner: Int) -> UnsafeRawPointer {
    guard let place = structs[owner] else {
      preconditionFailure("layer \(owner) has no struct of its own")
    }
    return UnsafeRawPointer(place)
  }

  /// The struct as this machine's C compiler lays it out: each member at a multiple of its size.
  private func image(of record: LayerRecord, tablesOf owner: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var alignment = MemoryLayout<UInt32>.size
    func pad(to size: Int) {
      bytes += [UInt8](repeating: 0, count: (size - bytes.count % size) % size)
    }
    for leaf in record.leaves {
      switch leaf {
      case .word(let word):
        withUnsafeBytes(of: word) { bytes += $0 }
      case .table(let name):
        alignment = MemoryLayout<UInt>.size
        pad(to: alignment)
        let address = name.map { UInt(bitPattern: self.address(of: .layer(owner, $0))) } ?? 0
        withUnsafeBytes(of: address) { bytes += $0 }
      }
    }
    pad(to: alignment)
    return bytes
  }
}
