internal import CRuntime
internal import QuantizedIR

extension Lookup {
  /// The C twin, with its table in `tables`.
  func runtimeLayer(_ tables: ConstantTables) -> mnq_lookup {
    mnq_lookup(count: Int32(count), table: tables.address(of: table))
  }
}
