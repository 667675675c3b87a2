package import Tensors

/// A float network: nodes in execution order over numbered tensors, all NHWC.
package struct Graph: Hashable, Sendable {
  /// What the network is called in messages and files.
  package var name: String
  /// Every tensor that a node reads or writes; nodes refer to them by index.
  package var tensors: [GraphTensor]
  /// The nodes, each after those whose outputs it reads.
  package var nodes: [Node]
  /// The tensors that the caller fills, at least one, each another.
  package var inputs: [Int]
  /// The tensors that the caller reads, at least one.
  package var outputs: [Int]
  /// What the model file calls its outputs, one a tensor of `outputs`, each another; none where
  /// there is one output, which needs no name.
  package var outputNames: [String] = []
  /// What the network ended with and the caller does.
  package var callerSteps: [CallerStep] = []
  /// What happens to pixels before they become the input; none where there are several.
  package var preprocessing: Preprocessing
  /// Who says so.
  package var preprocessingOrigins = PreprocessingOrigins()
  /// The names of the classes in output order; empty where unknown.
  package var labels: [String]

  package init(
    name: String, tensors: [GraphTensor] = [], nodes: [Node] = [], input: Int = 0, output: Int = 0,
    preprocessing: Preprocessing, labels: [String] = []
  ) {
    self.name = name
    self.tensors = tensors
    self.nodes = nodes
    inputs = [input]
    outputs = [output]
    self.preprocessing = preprocessing
    self.labels = labels
  }

  /// The tensor that the caller fills; the first of several. Setting it makes it the only one.
  package var input: Int {
    get { inputs[0] }
    set { inputs = [newValue] }
  }

  /// The tensor that the caller reads; the first of several. Setting it makes it the only one.
  package var output: Int {
    get { outputs[0] }
    set { outputs = [newValue] }
  }

  /// The shape of the input; of several, `[1, values of all]`: they follow one another.
  package var inputShape: Shape { namedInputs.joined }
  /// The shape of the output; of several, `[1, values of all]`: they follow one another.
  package var outputShape: Shape { namedOutputs.joined }

  /// What the network takes, in order.
  package var namedInputs: [NamedShape] {
    inputs.map { NamedShape(name: tensors[$0].name, shape: tensors[$0].shape) }
  }

  /// What the network gives, in order.
  package var namedOutputs: [NamedShape] {
    outputs.enumerated().map { position, tensor in
      NamedShape(
        name: outputNames.isEmpty ? tensors[tensor].name : outputNames[position],
        shape: tensors[tensor].shape)
    }
  }

  /// Adds a tensor and returns its index.
  package mutating func addTensor(_ name: String, _ shape: Shape) -> Int {
    tensors.append(GraphTensor(name: name, shape: shape))
    return tensors.count - 1
  }

  /// Adds a node after all others, with an output tensor of the shape that the operator infers.
  ///
  /// - Throws: `GraphError` where the operator cannot take inputs of these shapes.
  @discardableResult
  package mutating func add(
    _ name: String, _ operation: Operator, _ inputs: Int...
  ) throws(GraphError) -> Int {
    try add(name, operation, inputs: inputs)
  }

  /// As `add(_:_:_:)`, for inputs in an array.
  @discardableResult
  package mutating func add(
    _ name: String, _ operation: Operator, inputs: [Int]
  ) throws(GraphError) -> Int {
    let shapes = inputs.map { tensors[$0].shape }
    let shape: Shape
    do throws(ShapeMismatch) {
      shape = try operation.outputShape(shapes)
    } catch {
      throw GraphError(node: name, operation: operation.name, mismatch: error)
    }
    let output = addTensor(name, shape)
    nodes.append(Node(name: name, operation: operation, inputs: inputs, output: output))
    return output
  }

  /// The positions of the nodes that read `tensor`, in execution order.
  package func consumers(of tensor: Int) -> [Int] {
    nodes.indices.filter { nodes[$0].inputs.contains(tensor) }
  }

  /// The position of the node that writes `tensor`; `nil` for an input.
  package func producer(of tensor: Int) -> Int? {
    nodes.firstIndex { $0.output == tensor }
  }
}

/// The name and shape of one activation.
package struct GraphTensor: Hashable, Sendable {
  /// Unique in its graph.
  package var name: String
  /// NHWC with N = 1 for images, `[1, features]` for vectors.
  package var shape: Shape

  package init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

/// One operator applied to tensors of a graph.
package struct Node: Hashable, Sendable {
  /// Unique in its graph; as the model file spells it where it came from one.
  package var name: String
  package var operation: Operator
  /// Indices of the tensors read.
  package var inputs: [Int]
  /// Index of the tensor written.
  package var output: Int

  package init(name: String, operation: Operator, inputs: [Int], output: Int) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
  }
}

extension Graph {
  /// Whether the outputs are probabilities already: the network ends in softmax or in the logistic
  /// function.
  package var givesProbabilities: Bool { outputs.allSatisfy(areProbabilities) }

  private func areProbabilities(_ tensor: Int) -> Bool {
    guard let producer = producer(of: tensor) else { return false }
    let (operation, inputs) = (nodes[producer].operation.traits, nodes[producer].inputs)
    return operation.givesProbabilities
      || (operation.keepsValues || operation.roundsValues) && areProbabilities(inputs[0])
  }
}

/// Shapes that an operator cannot take.
package enum ShapeMismatch: Error, Hashable {
  case inputCount(expected: Int, found: Int)
  case rank(expected: Int, found: Shape)
  case channels(expected: Int, found: Shape)
  case extent(expected: Extent, found: Shape)
  case features(expected: Int, found: Shape)
  case unequal(Shape, Shape)
  case windowTooLarge(kernel: Extent, input: Shape)
  case size(expected: Shape, found: Shape)
}

extension ShapeMismatch: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inputCount(let expected, let found): "expected \(expected) inputs, found \(found)"
    case .rank(let expected, let found): "expected an input of \(expected) axes, found \(found)"
    case .channels(let expected, let found): "expected \(expected) channels, found input \(found)"
    case .extent(let expected, let found):
      "expected \(expected) pixels, found input \(found)"
    case .features(let expected, let found): "expected \(expected) features, found input \(found)"
    case .unequal(let a, let b): "inputs \(a) and \(b) cannot be broadcast to one shape"
    case .windowTooLarge(let kernel, let input):
      "a \(kernel) kernel does not fit once into the padded input \(input)"
    case .size(let expected, let found): "cannot reshape \(found) to \(expected)"
    }
  }
}

/// A node whose inputs do not fit its operator.
package struct GraphError: Error, Hashable {
  package var node: String
  package var operation: String
  package var mismatch: ShapeMismatch
}

extension GraphError: CustomStringConvertible {
  package var description: String { "node '\(node)' (\(operation)): \(mismatch)" }
}
