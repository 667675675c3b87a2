internal import QuantizedIR

extension ONNXExporter {
  mutating func add(_ operation: Extremum, _ layer: Layer) throws(ExportError) -> String {
    switch operation.choice {
    case .maximum: try combined("Max", layer)
    case .minimum: try combined("Min", layer)
    }
  }
}
