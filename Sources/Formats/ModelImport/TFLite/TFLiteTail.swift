internal import TFLiteSchema
internal import Tensors

/// The steps at the end of a network that pick from what it gives, which are left to the caller.
struct TFLiteTail {
  /// What the caller reads: of an output that a step gives, what the step reads.
  private(set) var outputs: [Int]
  /// Those that are left.
  private(set) var operators: [TFLiteOperator]
  private(set) var steps: [CallerStep] = []

  private static let deciding: [String: CallerStep.Operation] = [
    "ARG_MAX": .argMax, "ARG_MIN": .argMin, "TOPK_V2": .topK,
  ]
  private static let passing: Set = ["CAST", "EXPAND_DIMS", "RESHAPE", "SQUEEZE"]

  init(_ tensors: [TFLiteTensor], _ operators: [TFLiteOperator], outputs: [Int]) {
    self.outputs = outputs
    self.operators = operators
    var producers: [Int: Int] = [:]
    for (index, node) in operators.enumerated() {
      for output in node.outputs { producers[output] = index }
    }
    var removed: Set<Int> = []
    var (sources, steps) = (outputs, [CallerStep]())
    for (position, output) in outputs.enumerated() where tensors.indices.contains(output) {
      var (tensor, nodes) = (output, [Int]())
      while let index = producers[tensor], !nodes.contains(index),
        let source = operators[index].inputs.first ?? nil, tensors.indices.contains(source)
      {
        nodes.append(index)
        let kind = operators[index].kind
        let operation =
          kind == "LOG_SOFTMAX" && tensors[source].typeCode == TFLiteType.int8.rawValue
          ? .logSoftmax : Self.deciding[kind]
        if let operation {
          steps.append(CallerStep(operation, output: tensors[output].name))
          sources[position] = source
          removed.formUnion(nodes)
          break
        }
        guard Self.passing.contains(kind) else { break }
        tensor = source
      }
    }
    let gone = Set(removed.flatMap { operators[$0].outputs })
    let kept = operators.indices.filter { !removed.contains($0) }
    guard !steps.isEmpty,
      kept.allSatisfy({ gone.isDisjoint(with: operators[$0].inputs.compactMap(\.self)) })
    else { return }
    (self.outputs, self.operators, self.steps) = (sources, kept.map { operators[$0] }, steps)
  }
}
