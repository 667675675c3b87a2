import Files
import Foundation
import QuantizedIR

/// All files that differ from a model's in one number, each with words for which.
struct FieldChanges {
  private let file: Safetensors
  private let json: [UInt8]

  init(_ model: QuantizedModel) throws {
    file = try Safetensors(bytes: model.fileBytes())
    json = Array((file.metadata["model"] ?? "").utf8)
  }

  /// What a number becomes: numbers around 0, around its value, and around the ends of types.
  private static func values(_ value: Int) -> [Int] {
    let ends = [1 << 15, 1 << 24, Int(Int32.max), 1 << 31, 1 << 62, Int(Int32.min), .max, .min]
    let near = [-1, 0, 1, 2, 3, value - 1, value + 1, -value, 127, 128, -128, -129]
    return Set(near + ends).subtracting([value]).sorted()
  }

  /// Calls `body` with each file.
  func forEach(_ body: (_ what: String, Data) throws -> Void) throws {
    for number in numbers {
      let text = String(decoding: json[number.range], as: UTF8.self)
      let whole = Int(text).map(Self.values)?.map { String($0) }
      for value in whole ?? ["0", "-1", "1", "1e-60", "1e300", "\(2 * (Double(text) ?? 0))"] {
        var changed = json
        changed.replaceSubrange(number.range, with: value.utf8)
        var metadata = file.metadata
        metadata["model"] = String(decoding: changed, as: UTF8.self)
        try body(
          "\(number.path) = \(value)",
          Safetensors(tensors: file.tensors, metadata: metadata).bytes())
      }
    }
    for (name, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
      for (what, changed) in Self.changes(tensor) {
        var tensors = file.tensors
        tensors[name] = changed
        try body("\(name) \(what)", Safetensors(tensors: tensors, metadata: file.metadata).bytes())
      }
    }
  }

  /// The first value of a tensor, and how many there are.
  private static func changes(_ tensor: SafetensorsTensor) -> [(String, SafetensorsTensor)] {
    if let values = tensor.integers(Int8.self) {
      return lists(values, [.min, 0, 1, .max]).map { ($0, SafetensorsTensor($1)) }
    }
    if let values = tensor.integers(Int16.self) {
      return lists(values, [.min, 0, 1, .max]).map { ($0, SafetensorsTensor($1)) }
    }
    if let values = tensor.integers(Int32.self) {
      return lists(values, [.min, 0, 1, .max]).map { ($0, SafetensorsTensor($1)) }
    }
    let odd: [Float] = [.nan, .infinity, 0, -1, .leastNonzeroMagnitude, 1e38]
    return lists(tensor.floats() ?? [], odd).map { ($0, SafetensorsTensor($1)) }
  }

  /// `values` with each of `firsts` in front instead of the first, or with one more or less.
  private static func lists<Value>(_ values: [Value], _ firsts: [Value]) -> [(String, [Value])] {
    var lists: [(String, [Value])] = [("one more", values + [firsts[2]])]
    guard !values.isEmpty else { return lists }
    lists.append(("one less", Array(values.dropLast())))
    for first in firsts {
      var changed = values
      changed[0] = first
      lists.append(("[0] = \(first)", changed))
    }
    return lists
  }

  /// Digits, signs, points and exponents.
  private static func isNumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || "+-.eE".utf8.contains(byte)
  }

  /// The numbers of the JSON, outside of strings, with the words in front of them.
  private var numbers: [(path: String, range: Range<Int>)] {
    var found: [(path: String, range: Range<Int>)] = []
    var isString = false
    var index = 0
    while index < json.count {
      let byte = json[index]
      if isString {
        if byte == UInt8(ascii: "\\") { index += 1 }
        isString = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isString = true
      } else if byte == UInt8(ascii: "-") || (48...57).contains(byte) {
        let end = json[index...].firstIndex { !Self.isNumeric($0) }
        let words = json[max(0, index - 50)..<index]
        found.append((String(decoding: words, as: UTF8.self), index..<(end ?? json.count)))
        index = end ?? json.count
        continue
      }
      index += 1
    }
    return found
  }
}
