internal import BoardKernels
internal import QuantizedIR
internal import Tensors

/// An input or an output of a network, and what C calls it: `net_input`, `NET_INPUT_BYTES` where there
/// is one, `net_input_NAME`, `NET_INPUT_NAME_BYTES` where there are several.
struct Port {
  /// The tensor's index.
  let tensor: Int
  /// Behind `net_`.
  let word: String
  /// What the model calls it.
  let name: String

  /// Behind `NET_`.
  var macro: String { word.uppercased() }

  /// The inputs of `model`, in order.
  static func inputs(_ model: QuantizedModel) -> [Port] {
    ports("input", model.inputs, model.namedInputs.map(\.name))
  }

  /// The outputs of `model`, in order.
  static func outputs(_ model: QuantizedModel) -> [Port] {
    ports("output", model.outputs, model.namedOutputs.map(\.name))
  }

  private static func ports(_ role: String, _ tensors: [Int], _ names: [String]) -> [Port] {
    guard tensors.count > 1 else {
      return zip(tensors, names).map { Port(tensor: $0, word: role, name: $1) }
    }
    // Macros are upper case, so that case alone tells none apart.
    var taken: Set<String> = []
    return zip(tensors, names).map { tensor, name in
      let word = "\(role)_\(Names.word(name))"
      var (unique, number) = (word, 1)
      while !taken.insert(unique.uppercased()).inserted {
        number += 1
        unique = "\(word)_\(number)"
      }
      return Port(tensor: tensor, word: unique, name: name)
    }
  }
}
