internal import Tensors

extension Graph {
  /// The position of the node that tells classes apart: the last fully connected layer or
  /// convolution; `nil` where there is none.
  package var classifier: Int? {
    nodes.lastIndex {
      switch $0.operation {
      case .fullyConnected, .conv2D: true
      default: false
      }
    }
  }

  /// The network from the node at `first` on, whose input is what that node reads.
  ///
  /// - Returns: `nil` where a later node also reads what comes before.
  package func tail(from first: Int) -> Graph? {
    var graph = Graph(name: name, preprocessing: preprocessing, labels: labels)
    var places: [Int: Int] = [:]
    func place(_ tensor: Int) -> Int {
      if let known = places[tensor] { return known }
      let made = graph.addTensor(tensors[tensor].name, tensors[tensor].shape)
      places[tensor] = made
      return made
    }
    graph.input = place(nodes[first].inputs[0])
    for node in nodes[first...] {
      guard node.inputs.allSatisfy({ places[$0] != nil }) else { return nil }
      let inputs = node.inputs.map(place)
      graph.nodes.append(
        Node(
          name: node.name, operation: node.operation, inputs: inputs, output: place(node.output)))
    }
    guard let output = places[output] else { return nil }
    graph.output = output
    return graph
  }

  /// The network with a classifier of `classes` outputs, all of them zero; other sizes follow.
  ///
  /// - Returns: `nil` where there is no classifier, or what follows it does not take other sizes.
  package func withClassifier(of classes: Int) -> Graph? {
    guard let position = classifier else { return nil }
    var graph = self
    let old: Int
    switch nodes[position].operation {
    case .fullyConnected(var layer):
      old = layer.outputCount
      layer.weights = [Float](repeating: 0, count: classes * layer.inputCount)
      (layer.bias, layer.outputCount) = ([Float](repeating: 0, count: classes), classes)
      layer.weightSteps = []
      graph.nodes[position].operation = .fullyConnected(layer)
    case .conv2D(var layer) where layer.groups == 1:
      old = layer.outputChannels
      layer.weights = [Float](repeating: 0, count: classes * layer.patchCount)
      (layer.bias, layer.outputChannels) = ([Float](repeating: 0, count: classes), classes)
      layer.weightSteps = []
      graph.nodes[position].operation = .conv2D(layer)
    default: return nil
    }
    guard old == outputShape.count else { return nil }
    for index in position..<nodes.count {
      if case .reshape(let shape) = graph.nodes[index].operation {
        let sizes = shape.dimensions.map { $0 == old ? classes : $0 }
        graph.nodes[index].operation = .reshape(Shape(sizes))
      }
      let node = graph.nodes[index]
      let shapes = node.inputs.map { graph.tensors[$0].shape }
      guard let shape = try? node.operation.outputShape(shapes) else { return nil }
      graph.tensors[node.output].shape = shape
    }
    return graph.outputShape.count == classes ? graph : nil
  }
}
