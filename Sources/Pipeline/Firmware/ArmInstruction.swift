/// An instruction of Armv6-M to Armv8.1-M as `objdump` writes it: what its time depends on.
package struct ArmInstruction: Sendable {
  /// The parts of a core that instructions compete for.
  enum Kind: Hashable, Sendable {
    case other, shift, product, divide
    /// One register from memory, or to it.
    case load, store
    /// Several of them, which no other access overlaps.
    case loads, stores
    /// The program counter from memory.
    case loadCounter
    /// To an address that stands in the instruction, in a register, or in a table.
    case branch, registerBranch, tableBranch
    /// Conditions of the next instructions.
    case ifThen
    /// A low-overhead loop's end.
    case loopEnd
    /// Vectors: whole ones from and to memory, one by one, products, and the rest.
    case vectorLoad, vectorStore, vectorGather, vectorMultiply, vectorOther
  }

  let address: UInt64
  let size: UInt64
  let kind: Kind
  /// Registers as bits: r0 to r15, then q0 to q7.
  let results: UInt32
  /// What an address is made of.
  let addresses: UInt32
  /// What else is read.
  let operands: UInt32
  /// What a sum is added to, which a multiplier reads late.
  let accumulator: UInt32
  /// Registers, or lanes of a gather, that go from or to memory.
  let count: Int
  let hasRegisterOffset: Bool
  /// Of a branch.
  let target: UInt64?

  /// - Parameters:
  ///   - name: The mnemonic, with condition and width.
  ///   - text: The operands.
  package init(address: UInt64, size: UInt64, name: Substring, operands text: Substring) {
    self.address = address
    self.size = size
    let dot = name.firstIndex(of: ".")
    let stem = String(name[..<(dot ?? name.endIndex)])
    let brackets = Self.brackets(text)
    let inside = brackets.map { Self.registers($0) } ?? []
    let listed = Self.registers(text.prefix { $0 != "[" })
    let kind = Self.kind(stem, listed, inside)
    self.kind = kind
    target = kind == .branch || kind == .loopEnd ? Self.target(text) : nil
    hasRegisterOffset = inside.count > 1
    let base = brackets == nil && (kind == .loads || kind == .stores) ? listed.prefix(1) : []
    let moved =
      stem.hasPrefix("push") || stem.hasPrefix("pop") ? listed : Array(listed.dropFirst(base.count))
    addresses = Self.bits(inside + base) | (stem.hasPrefix("p") && base.count == 1 ? 1 << 13 : 0)
    count =
      switch kind {
      case .vectorGather: Self.lanes(name[(dot ?? name.endIndex)...])
      case .vectorLoad, .vectorStore: Self.floatWords(text)
      case .loads, .stores: max(1, moved.count)
      default: 1
      }
    let written = Self.writes(stem, kind, moved)
    results = Self.bits(written)
    operands = Self.bits(moved.dropFirst(written.count)) | (Self.isUpdated(stem) ? results : 0)
    let isSum =
      kind == .product
      && (stem.hasPrefix("ml") || stem.hasPrefix("smla") || stem.hasPrefix("smml"))
    accumulator = isSum && listed.count > 3 ? Self.bits(listed.suffix(1)) : 0
  }

  /// Whether another instruction than the next may follow.
  var isBranch: Bool {
    switch kind {
    case .branch, .registerBranch, .tableBranch, .loadCounter, .loopEnd: true
    case .loads: results & 1 << 15 != 0
    default: false
    }
  }

  private static func kind(_ stem: String, _ listed: [Int], _ inside: [Int]) -> Kind {
    if stem.hasPrefix("v") { return vectorKind(stem, listed, inside) }
    if ["le", "letp"].contains(stem) { return .loopEnd }
    if stem.hasPrefix("ldrd") { return .loads }
    if stem.hasPrefix("strd") { return .stores }
    if stem.hasPrefix("ldr") { return listed.contains(15) ? .loadCounter : .load }
    if stem.hasPrefix("str") { return .store }
    if stem.hasPrefix("ldm") || stem.hasPrefix("pop") { return .loads }
    if stem.hasPrefix("stm") || stem.hasPrefix("push") { return .stores }
    if stem.hasPrefix("it") { return .ifThen }
    if stem.hasPrefix("tb") { return .tableBranch }
    if stem.hasPrefix("sdiv") || stem.hasPrefix("udiv") { return .divide }
    if stem.hasPrefix("cbz") || stem.hasPrefix("cbnz") || isBranch(stem, "b")
      || isBranch(stem, "bl")
    {
      return .branch
    }
    if isBranch(stem, "bx") || isBranch(stem, "blx") || listed.first == 15 {
      return .registerBranch
    }
    if ["ml", "mul", "sml", "smm", "smu", "uml", "uma", "umu"].contains(where: stem.hasPrefix) {
      return .product
    }
    let shifts = [
      "lsl", "lsr", "asr", "ror", "sxt", "uxt", "pkh", "ssat", "usat", "sbf", "ubf", "bfi",
    ]
    return shifts.contains(where: stem.hasPrefix) ? .shift : .other
  }

  private static func vectorKind(_ stem: String, _ listed: [Int], _ inside: [Int]) -> Kind {
    if ["vld", "vst"].contains(where: stem.hasPrefix) {
      if inside.contains(where: { $0 > 15 }) { return .vectorGather }
      return stem.hasPrefix("vld") ? .vectorLoad : .vectorStore
    }
    if ["vml", "vmul", "vqd", "vqrd", "vrm", "vfm"].contains(where: stem.hasPrefix) {
      return .vectorMultiply
    }
    return .vectorOther
  }

  private static let conditions: Set<Substring> = [
    "", "eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt",
    "le",
  ]

  private static func isBranch(_ stem: String, _ name: String) -> Bool {
    stem.hasPrefix(name) && conditions.contains(stem.dropFirst(name.count))
  }

  /// The registers of `moved` that are written, the first ones.
  private static func writes(_ stem: String, _ kind: Kind, _ moved: [Int]) -> [Int] {
    switch kind {
    case .store, .stores, .vectorStore, .branch, .registerBranch, .tableBranch, .ifThen, .loopEnd:
      []
    case .loads: moved
    default:
      if ["cmp", "cmn", "tst", "teq", "msr", "vcmp", "vpt", "vst"].contains(where: stem.hasPrefix) {
        []
      } else {
        Array(
          moved.prefix(
            ["smull", "umull", "smlal", "umlal", "umaal"].contains(where: stem.hasPrefix) ? 2 : 1))
      }
    }
  }

  /// Whether a result is read first.
  private static func isUpdated(_ stem: String) -> Bool {
    ["vmla", "vmls", "vfma", "vfms", "vsli", "vmovn", "vqmovn", "smlal", "umlal", "bfi", "movt"]
      .contains(where: stem.hasPrefix)
  }

  /// Lanes of a vector of elements of the width that `suffix` ends with: `.s8`.
  private static func lanes(_ suffix: Substring) -> Int {
    128 / (Int(suffix.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 32)
  }

  /// Words of a list of floating-point registers, `{d8-d11}`; 1 where there is none.
  private static func floatWords(_ text: Substring) -> Int {
    guard let start = text.firstIndex(of: "{") else { return 1 }
    let list = text[start...].split { "{} ,-".contains($0) }
    let numbers = list.compactMap { Int($0.dropFirst()) }
    guard let first = numbers.first, let last = numbers.last, last >= first else { return 1 }
    return (last - first + 1) * (list[0].hasPrefix("d") ? 2 : 1)
  }

  private static func brackets(_ text: Substring) -> Substring? {
    guard let start = text.firstIndex(of: "["), let end = text.firstIndex(of: "]"), start < end
    else { return nil }
    return text[text.index(after: start)..<end]
  }

  private static func target(_ text: Substring) -> UInt64? {
    let words = text.split { $0 == " " || $0 == "," }
    return words.last { !$0.hasPrefix("<") }.flatMap { UInt64($0, radix: 16) }
  }

  private static func bits(_ registers: some Sequence<Int>) -> UInt32 {
    registers.reduce(0) { $0 | 1 << UInt32($1) }
  }

  /// The registers that a text names, in order, lists spelled out.
  private static func registers(_ text: Substring) -> [Int] {
    var found: [Int] = []
    var isRange = false
    for word in text.split(whereSeparator: { " ,{}!#".contains($0) }) {
      for (place, part) in word.split(separator: "-").enumerated() {
        guard let number = register(part) else { continue }
        isRange = place == 1
        if isRange, let last = found.last, last < number {
          found += (last + 1)...number
        } else {
          found.append(number)
        }
      }
    }
    return found
  }

  private static func register(_ name: Substring) -> Int? {
    switch name {
    case "sl": return 10
    case "fp": return 11
    case "ip": return 12
    case "sp": return 13
    case "lr": return 14
    case "pc": return 15
    default:
      guard let first = name.first, let number = Int(name.dropFirst().prefix { $0.isNumber })
      else { return nil }
      if first == "r", name.count <= 3, number < 16 { return number }
      return first == "q" && number < 8 ? 16 + number : nil
    }
  }
}
