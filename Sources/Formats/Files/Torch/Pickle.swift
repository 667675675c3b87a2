internal import FoundationEssentials
private import Glibc

/// The values in a pickle, made without calling anything that it names.
///
/// Of Python's opcodes those that the tensors of PyTorch need, protocols 2 to 5. Values lie in one
/// list and name one another by their index, so that no depth of nesting is too much.
/// Source: CPython, `Lib/pickletools.py`.
struct Pickle {
  /// A value, or the index of one that holds others.
  enum Value: Hashable {
    case none
    case integer(Int)
    case real(Double)
    case text(String)
    /// A class or function, by its module and name.
    case global(String)
    case object(Int)
  }

  /// What holds values.
  enum Object {
    case tuple([Value])
    case list([Value])
    /// Keys and values in the order in which they were set.
    case dictionary([(key: Value, value: Value)])
    /// Something outside of the pickle, by its name there.
    case persistent(Value)
    /// What calling `function` would give.
    case call(function: String, arguments: Value)
  }

  private(set) var objects: [Object] = []
  /// What the pickle stands for.
  private(set) var root = Value.none

  private var stack: [Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Value] = [:]

  /// Reads `data`.
  ///
  /// - Throws: `TorchFileError.damaged` where it is cut off or inconsistent, `opcode` for one that no
  ///   file of tensors has.
  init(_ data: Data) throws(TorchFileError) {
    var input = PickleBytes(data)
    while true {
      let code = try input.byte()
      if code == UInt8(ascii: ".") { break }
      if try readConstant(code, &input) { continue }
      if try readMemo(code, &input) { continue }
      if try readContainer(code) { continue }
      try readCall(code, &input)
    }
    root = try pop()
  }

  /// What `value` holds; `nil` where it holds nothing.
  func object(_ value: Value) -> Object? {
    guard case .object(let index) = value else { return nil }
    return objects[index]
  }

  /// The values of a tuple or list; `nil` for anything else.
  func items(_ value: Value) -> [Value]? {
    switch object(value) {
    case .tuple(let items), .list(let items): items
    default: nil
    }
  }

  // MARK: Opcodes

  private mutating func readConstant(
    _ code: UInt8, _ input: inout PickleBytes
  ) throws(TorchFileError) -> Bool {
    switch UnicodeScalar(code) {
    case "\u{80}": _ = try input.byte()
    case "\u{95}": _ = try input.integer(8)
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.integer(1))
    case "\u{89}": stack.append(.integer(0))
    case "K": stack.append(.integer(try input.integer(1)))
    case "M": stack.append(.integer(try input.integer(2)))
    case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try input.integer(4)))))
    case "\u{8A}": stack.append(.integer(try input.signed(try input.integer(1))))
    case "\u{8B}": stack.append(.integer(try input.signed(try input.integer(4))))
    case "G": stack.append(.real(try input.real()))
    case "X", "T", "B": stack.append(.text(try input.text(try input.integer(4))))
    case "\u{8C}", "U", "C": stack.append(.text(try input.text(try input.integer(1))))
    case "\u{8D}", "\u{8E}": stack.append(.text(try input.text(try input.integer(8))))
    default: return false
    }
    return true
  }

  private mutating func readMemo(
    _ code: UInt8, _ input: inout PickleBytes
  ) throws(TorchFileError) -> Bool {
    switch UnicodeScalar(code) {
    case "q": memo[try input.integer(1)] = try top()
    case "r": memo[try input.integer(4)] = try top()
    case "\u{94}": memo[memo.count] = try top()
    case "h": stack.append(try remembered(try input.integer(1)))
    case "j": stack.append(try remembered(try input.integer(4)))
    case "0": _ = try pop()
    case "1": _ = try popToMark()
    case "2": stack.append(try top())
    case "(": marks.append(stack.count)
    default: return false
    }
    return true
  }

  private mutating func readContainer(_ code: UInt8) throws(TorchFileError) -> Bool {
    switch UnicodeScalar(code) {
    case ")": push(.tuple([]))
    case "\u{85}", "\u{86}", "\u{87}":
      var items: [Value] = []
      for _ in 0..<Int(code) - 0x84 { items.insert(try pop(), at: 0) }
      push(.tuple(items))
    case "t": push(.tuple(try popToMark()))
    case "]", "\u{8F}": push(.list([]))
    case "l": push(.list(try popToMark()))
    case "\u{91}": push(.tuple(try popToMark()))
    case "a":
      let item = try pop()
      try extend([item])
    case "e", "\u{90}":
      let items = try popToMark()
      try extend(items)
    case "}": push(.dictionary([]))
    case "d":
      let pairs = try popToMark()
      push(.dictionary([]))
      try set(pairs)
    case "s":
      let value = try pop()
      let key = try pop()
      try set([key, value])
    case "u":
      let pairs = try popToMark()
      try set(pairs)
    default: return false
    }
    return true
  }

  private mutating func readCall(
    _ code: UInt8, _ input: inout PickleBytes
  ) throws(TorchFileError) {
    switch UnicodeScalar(code) {
    case "c":
      let module = try input.line()
      stack.append(.global("\(module).\(try input.line())"))
    case "\u{93}":
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw .damaged("a name in it is no text")
      }
      stack.append(.global("\(module).\(name)"))
    case "R", "\u{81}":
      let arguments = try pop()
      try call(try pop(), arguments)
    case "\u{92}":
      _ = try pop()
      let arguments = try pop()
      try call(try pop(), arguments)
    case "b":
      // The state of an object, such as the versions of a state dict's modules.
      _ = try pop()
      _ = try top()
    case "Q": push(.persistent(try pop()))
    default: throw .opcode(code)
    }
  }

  private mutating func call(_ function: Value, _ arguments: Value) throws(TorchFileError) {
    guard case .global(let name) = function else { throw .damaged("it calls what is no function") }
    if name == "collections.OrderedDict", let items = items(arguments), items.isEmpty {
      push(.dictionary([]))
    } else {
      push(.call(function: name, arguments: arguments))
    }
  }

  // MARK: The stack

  private mutating func push(_ object: Object) {
    stack.append(.object(objects.count))
    objects.append(object)
  }

  /// The values above the last mark end below it, so that no opcode reaches past a mark.
  private var floor: Int { marks.last ?? 0 }

  private mutating func pop() throws(TorchFileError) -> Value {
    guard stack.count > floor, let value = stack.popLast() else {
      throw .damaged("it takes more values than it has")
    }
    return value
  }

  private func top() throws(TorchFileError) -> Value {
    guard stack.count > floor, let value = stack.last else {
      throw .damaged("it takes more values than it has")
    }
    return value
  }

  private mutating func popToMark() throws(TorchFileError) -> [Value] {
    guard let mark = marks.popLast() else { throw .damaged("it closes what was not opened") }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private func remembered(_ key: Int) throws(TorchFileError) -> Value {
    guard let value = memo[key] else { throw .damaged("it recalls what it never kept") }
    return value
  }

  /// Adds to the list on top of the stack.
  private mutating func extend(_ items: [Value]) throws(TorchFileError) {
    guard case .object(let index) = try top() else { throw .damaged("it adds to what is no list") }
    // Taken out, so that adding copies nothing.
    guard case .list(var list) = objects[index] else {
      throw .damaged("it adds to what is no list")
    }
    objects[index] = .list([])
    list += items
    objects[index] = .list(list)
  }

  /// Sets keys and values, in turn, in the dictionary on top of the stack.
  private mutating func set(_ pairs: [Value]) throws(TorchFileError) {
    guard pairs.count.isMultiple(of: 2), case .object(let index) = try top() else {
      throw .damaged("it sets what has no keys")
    }
    // Of an object that nothing here needs, such as a counter or a class of the user's.
    guard case .dictionary(var dictionary) = objects[index] else { return }
    objects[index] = .dictionary([])
    for pair in stride(from: 0, to: pairs.count, by: 2) {
      dictionary.append((key: pairs[pair], value: pairs[pair + 1]))
    }
    objects[index] = .dictionary(dictionary)
  }
}

/// The bytes of a pickle, from the first to the last.
private struct PickleBytes {
  private let bytes: LittleEndianBytes
  private var place = 0

  init(_ data: Data) { bytes = LittleEndianBytes(data) }

  mutating func byte() throws(TorchFileError) -> UInt8 { UInt8(try integer(1)) }

  mutating func integer(_ width: Int) throws(TorchFileError) -> Int {
    let value = try bytes.integer(place, width)
    place += width
    return value
  }

  /// A number in two's complement; those beyond 64 bits are beyond what a tensor's sizes may be.
  mutating func signed(_ width: Int) throws(TorchFileError) -> Int {
    let digits = try take(width)
    guard width <= 8 else { return .max }
    let negative = (digits.last ?? 0) >= 0x80
    let filled = digits + Data(repeating: negative ? 0xFF : 0, count: 8 - width)
    return Int(truncatingIfNeeded: filled.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  mutating func real() throws(TorchFileError) -> Double {
    Double(bitPattern: try take(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  mutating func text(_ length: Int) throws(TorchFileError) -> String {
    String(decoding: try take(length), as: UTF8.self)
  }

  mutating func line() throws(TorchFileError) -> String {
    var line: [UInt8] = []
    while true {
      let byte = try byte()
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  private mutating func take(_ length: Int) throws(TorchFileError) -> Data {
    // Only a length that is there moves the place: others may be beyond what can be added.
    let data = try bytes.slice(place, length)
    place += length
    return data
  }
}
