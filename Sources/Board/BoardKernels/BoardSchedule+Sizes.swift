package import Boards
package import QuantizedIR
internal import Tensors

extension BoardSchedule {
  /// Bytes of a layer's struct and of its row, on a 32-bit core: at most.
  private static let structBytes = 128
  private static let rowBytes = 32

  /// Bytes of the tables that layer `index` adds to those before it.
  package func flashBytes(of index: Int) -> Int {
    tables.ownsTables(index) ? kernels[index].constantBytes : 0
  }

  /// Bytes of const data in the firmware, without the self-tests: an upper bound but for
  /// alignment.
  package var tableBytes: Int {
    let layers = kernels.indices.reduce(0) { sum, index in
      let structBytes = tables.ownsStruct(index) ? Self.structBytes : 0
      return sum + flashBytes(of: index) + structBytes + Self.rowBytes
    }
    let constants = constantTensors.reduce(0) { $0 + model.tensors[$1].shape.count }
    let labels = model.labels.reduce(0) { $0 + $1.utf8.count + 1 + 4 }
    return layers + constants + labels + (model.pixelEncoding?.codes.count ?? 0)
  }

  /// What the firmware asks of a board.
  package var budget: Budget {
    let inUse = bytesInUse.enumerated().map { (step: $0, bytes: $1) }
    let largest = inUse.max { $0.bytes < $1.bytes }
    return Budget(
      tableBytes: tableBytes, arenaBytes: plan.arenaBytes, arenaLowerBound: plan.lowerBound,
      largestLayer: largest.map { model.layers[$0.step].name } ?? "",
      largestLayerBytes: largest?.bytes ?? 0)
  }
}

extension QuantizedModel {
  /// What firmware of this model asks of a board, with kernels that run on any.
  ///
  /// - Throws: `ScheduleError.noLayers`, `.constantLayer`.
  package func budget() throws(ScheduleError) -> Budget {
    try BoardSchedule(self, for: .portable).budget
  }
}
