internal import ONNXSchema

extension Onnx_ModelProto {
  /// As many nodes as functions may become: each may call others many times.
  private static let mostNodes = 1 << 16
  /// As many functions as may call one another in a row.
  private static let deepest = 32

  /// The same network with the nodes of its local functions in place of what calls them. As it is where
  /// a function calls itself, is for another operator set, or becomes too many nodes: what is left is
  /// an operator that nobody knows.
  var inlined: Onnx_ModelProto {
    guard !functions.isEmpty else { return self }
    var bodies: [String: Onnx_FunctionProto] = [:]
    for function in functions
    where ONNXOperator.known(function.name, domain: function.domain) == nil && fits(function) {
      bodies[Self.key(function.domain, function.name)] = function
    }
    var inlining = Inlining(bodies: bodies, left: Self.mostNodes)
    guard let nodes = inlining.nodes(graph.node, depth: 0) else { return self }
    var model = self
    model.graph.node = nodes
    return model
  }

  /// Whether the function's operators mean what the model's mean.
  private func fits(_ function: Onnx_FunctionProto) -> Bool {
    func version(_ imports: [Onnx_OperatorSetIdProto]) -> Int64? {
      imports.filter { ["", "ai.onnx"].contains($0.domain) }.map(\.version).max()
    }
    let own = version(function.opsetImport)
    return own == nil || own == version(opsetImport)
  }

  private static func key(_ domain: String, _ name: String) -> String { "\(domain)\n\(name)" }

  private struct Inlining {
    let bodies: [String: Onnx_FunctionProto]
    /// How many nodes there may be yet.
    var left: Int
    /// How many calls there were.
    private var calls = 0

    init(bodies: [String: Onnx_FunctionProto], left: Int) {
      (self.bodies, self.left) = (bodies, left)
    }

    /// `nodes` with functions in place of calls; `nil` where there are too many.
    mutating func nodes(_ nodes: [Onnx_NodeProto], depth: Int) -> [Onnx_NodeProto]? {
      var result: [Onnx_NodeProto] = []
      for node in nodes {
        left -= 1
        guard left >= 0 else { return nil }
        guard let function = bodies[key(node.domain, node.opType)] else {
          result.append(node)
          continue
        }
        guard depth < deepest, let body = self.nodes(body(function, node), depth: depth + 1) else {
          return nil
        }
        result += body
      }
      return result
    }

    /// The function's nodes with the names of what `call` gives and takes, and names of its own for
    /// all between.
    private mutating func body(
      _ function: Onnx_FunctionProto, _ call: Onnx_NodeProto
    ) -> [Onnx_NodeProto] {
      calls += 1
      let prefix = "\(call.importedName)/\(function.name) \(calls)/"
      var names = ["": ""]
      for (index, name) in function.input.enumerated() {
        names[name] = index < call.input.count ? call.input[index] : ""
      }
      // An output that nobody wants keeps a name of its own.
      for (name, given) in zip(function.output, call.output) where !given.isEmpty {
        names[name] = given
      }
      var given: [String: Onnx_AttributeProto] = [:]
      for attribute in function.attributeProto + call.attribute {
        given[attribute.name] = attribute
      }
      return function.node.map { node in
        var node = node
        node.name = prefix + node.importedName
        node.input = node.input.map { names[$0] ?? prefix + $0 }
        node.output = node.output.map { names[$0] ?? prefix + $0 }
        node.attribute = node.attribute.compactMap { attribute in
          guard attribute.hasRefAttrName else { return attribute }
          // One that the call leaves out is left out.
          var value = given[attribute.refAttrName]
          value?.name = attribute.name
          return value
        }
        return node
      }
    }
  }
}

extension Onnx_ModelProto {
  /// From here on softplus of a 32-bit float is the number itself.
  private static let leastThreshold: Float = 17

  /// The same network without the choice that PyTorch writes behind Softplus, which makes no
  /// difference: `Where(Greater(x, 20), x, Softplus(x))`.
  var withoutThresholds: Onnx_ModelProto {
    var producers: [String: Onnx_NodeProto] = [:]
    for node in graph.node where ["", "ai.onnx"].contains(node.domain) {
      for name in node.output { producers[name] = node }
    }
    var model = self
    for (index, node) in graph.node.enumerated() where node.opType == "Where" {
      guard node.input.count == 3, let condition = producers[node.input[0]],
        condition.opType == "Greater", condition.input.count == 2,
        condition.input[0] == node.input[1],
        let function = producers[node.input[2]], function.opType == "Softplus",
        function.input == [node.input[1]],
        let threshold = number(condition.input[1], producers), threshold >= Self.leastThreshold
      else { continue }
      model.graph.node[index].opType = "Identity"
      model.graph.node[index].input = [node.input[2]]
    }
    let read = Set(model.graph.node.flatMap(\.input) + graph.output.map(\.name))
    model.graph.node.removeAll { node in
      node.opType == "Greater" && read.isDisjoint(with: node.output)
    }
    return model
  }

  /// The one number that `name` stands for; `nil` for anything else.
  private func number(_ name: String, _ producers: [String: Onnx_NodeProto]) -> Float? {
    let made = producers[name]?.attribute.first { $0.name == "value" && $0.hasT }?.t
    guard let tensor = graph.initializer.first(where: { $0.name == name }) ?? made,
      let constant = try? tensor.constant(name, external: ExternalData(folder: nil)),
      constant.count == 1
    else { return nil }
    return constant.floats.first
  }
}
