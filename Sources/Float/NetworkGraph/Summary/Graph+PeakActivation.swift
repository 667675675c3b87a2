internal import Tensors

extension Graph {
  /// The most bytes of int8 activations alive at once, one byte a value.
  var peakActivationBytes: Int {
    // The tensor in whose bytes each tensor lies.
    var home = Array(tensors.indices)
    var lastUse = [Int](repeating: -1, count: tensors.count)
    for (position, node) in nodes.enumerated() {
      if node.operation.worksInPlace, consumers(of: node.inputs[0]).count == 1 {
        home[node.output] = home[node.inputs[0]]
      }
      for tensor in node.inputs + [node.output] { lastUse[home[tensor]] = position }
    }
    lastUse[home[output]] = nodes.count
    var alive: Set<Int> = [input]
    var peak = tensors[input].shape.count
    for (position, node) in nodes.enumerated() {
      alive.insert(home[node.output])
      peak = max(peak, alive.reduce(0) { $0 + tensors[$1].shape.count })
      alive = alive.filter { lastUse[$0] > position }
    }
    return peak
  }
}
