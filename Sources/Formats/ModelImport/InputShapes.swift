internal import ONNXSchema
internal import SwiftProtobuf

/// Sizes that a user gives to inputs whose file leaves some open, in the file's own order of axes.
package struct InputShapes: Hashable, Sendable {
  /// As users write them: `1,3,96,96`, or `NAME=1,3,96,96`.
  package let spellings: [String]
  private var named: [String: [Int]] = [:]
  private var unnamed: [Int]?

  /// Nothing.
  package static let none = InputShapes()

  private init() { spellings = [] }

  /// `nil` where one of `spellings` is no list of sizes.
  package init?(_ spellings: [String]) {
    self.spellings = spellings
    for spelling in spellings {
      let name = spelling.lastIndex(of: "=")
      let list = name.map { spelling[spelling.index(after: $0)...] } ?? spelling[...]
      let sizes = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      let known = sizes.compactMap(\.self)
      guard known.count == sizes.count, known.allSatisfy({ $0 > 0 }) else { return nil }
      if let name { named[String(spelling[..<name])] = known } else { unnamed = known }
    }
  }

  /// `model` with these sizes in its inputs.
  ///
  /// - Throws: `ImportError.input` for a name that no input has, and for sizes that contradict those in
  ///   the file.
  func applied(to model: Onnx_ModelProto) throws(ImportError) -> Onnx_ModelProto {
    guard !spellings.isEmpty else { return model }
    var model = model
    let constants = Set(model.graph.initializer.map(\.name))
    let inputs = model.graph.input.indices.filter {
      !constants.contains(model.graph.input[$0].name)
    }
    let names = inputs.map { model.graph.input[$0].name }
    if let other = named.keys.sorted().first(where: { !names.contains($0) }) {
      throw .input(
        name: other, found: "no such input",
        expected: "--input-shape for one of \(names.joined(separator: ", "))")
    }
    for input in inputs {
      guard let sizes = named[model.graph.input[input].name] ?? unnamed else { continue }
      let found = model.graph.input[input].type.tensorType.shape.dim
      guard found.isEmpty || found.count == sizes.count,
        zip(found, sizes).dropFirst().allSatisfy({
          !$0.hasDimValue || $0.dimValue <= 0 || $0.dimValue == $1
        })
      else {
        throw .input(
          name: model.graph.input[input].name, found: "--input-shape \(sizes)",
          expected: "the sizes that the file gives")
      }
      model.graph.input[input].type.tensorType.shape.dim = sizes.map { size in
        .with { $0.dimValue = Int64(size) }
      }
    }
    return model
  }
}
