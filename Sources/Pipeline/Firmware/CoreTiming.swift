/// An estimate of processor cycles: the likely number, and how far from it the true one may lie.
package struct Cycles: Encodable, Hashable, Sendable {
  package var low: Int
  package var mid: Int
  package var high: Int

  package init(low: Int, mid: Int, high: Int) {
    self.low = low
    self.mid = mid
    self.high = high
  }

  static let zero = Cycles(low: 0, mid: 0, high: 0)

  static func + (a: Cycles, b: Cycles) -> Cycles {
    Cycles(low: a.low + b.low, mid: a.mid + b.mid, high: a.high + b.high)
  }
}

/// How often an instruction ran.
package struct Execution: Sendable {
  let instruction: ArmInstruction
  let count: Double
  /// Executions after which another instruction than the next one came.
  let taken: Double
  /// Accesses to an address that is no multiple of their size.
  let unaligned: Double

  package init(
    _ instruction: ArmInstruction, count: Double, taken: Double = 0, unaligned: Double = 0
  ) {
    self.instruction = instruction
    self.count = count
    self.taken = taken
    self.unaligned = unaligned
  }
}

/// What instructions take on a core, with memory that never makes it wait.
///
/// Cortex-M0+, M3 and M4: the tables and "load/store timings" of their Technical Reference Manuals
/// (DDI 0484, DDI 0337, DDI 0439), which leave open how long a branch refills the pipeline (1 to 3)
/// and how long a division takes. Arm publishes none for the others: Cortex-M33 is counted with
/// single-cycle loads whose result comes a cycle later, M7 as two instructions a cycle in order,
/// M55 as one, vectors in two beats of a unit each.
package enum CoreTiming: CaseIterable, Sendable {
  case m0plus, m3, m4, m33, m7, m55

  /// `nil` for a core that nobody has described.
  package init?(core: String) {
    switch core {
    case "cortex-m0", "cortex-m0plus": self = .m0plus
    case "cortex-m3": self = .m3
    case "cortex-m4": self = .m4
    case "cortex-m33": self = .m33
    case "cortex-m7": self = .m7
    case "cortex-m55": self = .m55
    default: return nil
    }
  }

  /// What a manual leaves open, decided for the shortest time, the likely and the longest one.
  private enum Reading: CaseIterable { case low, mid, high }

  /// Cycles of `executions`, which are in the order of their addresses.
  package func cycles(of executions: [Execution]) -> Cycles {
    switch self {
    case .m0plus, .m3, .m4, .m33:
      let sums = Reading.allCases.map { Int(sum(executions, $0).rounded()) }
      return Cycles(low: sums[0], mid: sums[1], high: sums[2])
    case .m7:
      let cycles = CorePipeline.cycles(of: executions, core: self, lanesPerCycle: 1)
      return Cycles(low: Int(0.85 * cycles), mid: Int(cycles), high: Int(1.3 * cycles))
    case .m55:
      let slow = CorePipeline.cycles(of: executions, core: self, lanesPerCycle: 1)
      let fast = CorePipeline.cycles(of: executions, core: self, lanesPerCycle: 2)
      return Cycles(low: Int(0.85 * fast), mid: Int((fast + slow) / 2), high: Int(1.2 * slow))
    }
  }

  private func sum(_ executions: [Execution], _ reading: Reading) -> Double {
    let sizes = Dictionary(executions.map { ($0.instruction.address, $0.instruction.size) }) { $1 }
    var total = 0.0
    var last: Execution?
    for now in executions {
      let instruction = now.instruction
      let before = last.flatMap { last in
        last.instruction.address + last.instruction.size == instruction.address ? last : nil
      }
      // The share of executions that come from the instruction before.
      let share = before.map { before in
        let through = before.count - (before.instruction.isBranch ? before.taken : 0)
        return min(1, max(0, through / now.count))
      }
      let each = base(instruction, after: before?.instruction, share: share ?? 0, reading)
      let isSplit = instruction.target.map { sizes[$0] == 4 && $0 % 4 != 0 } ?? false
      total += now.count * each + now.taken * refill(instruction, isSplit: isSplit, reading)
      total += self == .m0plus ? 0 : now.unaligned
      last = now
    }
    return total
  }

  /// What an instruction takes beside the refill of a branch.
  private func base(
    _ now: ArmInstruction, after before: ArmInstruction?, share: Double, _ reading: Reading
  ) -> Double {
    let counter = now.results & 1 << 15 != 0
    let read = now.addresses | now.operands
    let isUsed = before.map { $0.results & read != 0 } ?? false
    if self == .m0plus {
      switch now.kind {
      case .load, .store: return 2
      case .loads, .stores: return Double(1 + now.count + (counter ? 2 : 0))
      default: return 1
      }
    }
    switch now.kind {
    case .loads, .stores, .vectorLoad, .vectorStore:
      let first = self == .m33 && reading == .low ? 0.0 : 1
      return first + Double(now.count) + (counter ? (reading == .low ? 2 : 3) : 0)
        + wait(now, before, share, reading)
    case .load where self == .m33 && reading != .high: return 1
    case .load: return 2 - saved(now, before, share) + wait(now, before, share, reading)
    case .store:
      let cost: Double = reading == .high || reading == .mid && now.hasRegisterOffset ? 2 : 1
      let saving = cost > 1 && self != .m33 ? saved(now, before, share) : 0
      return (self == .m33 ? 1 : cost - saving) + wait(now, before, share, reading)
    case .loadCounter: return 5
    case .divide: return reading == .low ? 2 : reading == .mid ? 6 : 12
    case .ifThen: return reading == .low || reading == .mid && before?.size == 2 ? 0 : 1
    case .tableBranch: return reading == .low ? 4 : reading == .mid ? 5 : 6
    case .product where self == .m3:
      if now.results.nonzeroBitCount > 1 { return reading == .low ? 3 : reading == .mid ? 4 : 5 }
      return now.accumulator == 0 ? 1 : 2
    default:
      let isLate = self == .m33 && reading != .low && before?.kind == .load && isUsed
      return isLate ? 1 + share : 1
    }
  }

  /// The cycle that a load saves the access behind it, unless it brings the address of that.
  private func saved(_ now: ArmInstruction, _ before: ArmInstruction?, _ share: Double) -> Double {
    before.map { $0.kind == .load && $0.results & now.addresses == 0 } == true ? share : 0
  }

  /// The cycle until an address that was just computed can be used.
  private func wait(
    _ now: ArmInstruction, _ before: ArmInstruction?, _ share: Double, _ reading: Reading
  ) -> Double {
    guard let before, reading != .low, before.results & now.addresses != 0 else { return 0 }
    switch before.kind {
    case .other, .shift, .product, .divide: return share
    case .load: return self == .m33 ? share : 0
    default: return 0
    }
  }

  /// What a branch that is taken adds; `isSplit`: its target lies in two words.
  private func refill(_ now: ArmInstruction, isSplit: Bool, _ reading: Reading) -> Double {
    guard now.kind == .branch || now.kind == .registerBranch else { return 0 }
    if self == .m0plus { return now.size == 4 ? 2 : 1 }
    switch reading {
    case .low: return 1
    case .mid: return (now.kind == .branch ? 1 : 2) + (isSplit ? 1 : 0)
    case .high: return self == .m33 ? 2 : 3
    }
  }
}

/// Instructions in order through units that are busy for a while and results that come late. The
/// units and latencies are those that open models of the cores agree on.
private struct CorePipeline {
  private enum Unit: Hashable { case issue, memory, store, product, shift, vector }

  let core: CoreTiming
  let lanesPerCycle: Int
  private var time = 0
  private var ready = [Int](repeating: 0, count: 24)
  private var isProduct = [Bool](repeating: false, count: 24)
  private var free: [Unit: Int] = [:]
  private var used: [Unit: Int] = [:]

  init(core: CoreTiming, lanesPerCycle: Int) {
    self.core = core
    self.lanesPerCycle = lanesPerCycle
  }

  /// The cycles of all blocks that run from their first instruction to the last, each as if it came
  /// behind itself.
  static func cycles(of executions: [Execution], core: CoreTiming, lanesPerCycle: Int) -> Double {
    var total = 0.0
    var block: [Execution] = []
    for (place, now) in executions.enumerated() {
      block.append(now)
      let next = place + 1 < executions.count ? executions[place + 1] : nil
      let goesOn = next.map {
        now.instruction.address + now.instruction.size == $0.instruction.address
          && now.count == $0.count && !now.instruction.isBranch
      }
      if goesOn == true { continue }
      var pipeline = CorePipeline(core: core, lanesPerCycle: lanesPerCycle)
      pipeline.run(block)
      let once = pipeline.time
      pipeline.run(block)
      total += Double(pipeline.time - once) * now.count
      block = []
    }
    return total
  }

  private mutating func run(_ block: [Execution]) {
    for execution in block {
      let now = execution.instruction
      if now.kind == .loopEnd, core == .m55 { continue }
      var at = time
      let read = now.addresses | now.operands | now.accumulator
      for register in 0..<24 where read & 1 << UInt32(register) != 0 {
        let isForwarded = isProduct[register] && now.accumulator & 1 << UInt32(register) != 0
        at = max(at, ready[register] - (isForwarded ? 1 : 0))
      }
      if core == .m7 { issueInPairs(now, at) } else { issueAlone(now, at) }
      if now.isBranch, 2 * execution.taken > execution.count { time += core == .m7 ? 1 : 2 }
    }
  }

  private mutating func issueInPairs(_ now: ArmInstruction, _ at: Int) {
    if at > time { (time, used) = (at, [:]) }
    let unit: Unit? =
      switch now.kind {
      case .load, .loads, .loadCounter: .memory
      case .store, .stores: .store
      case .product, .divide: .product
      case .shift: .shift
      default: nil
      }
    let words = min(now.count, 2), most = unit == .memory ? 2 : 1
    let share = unit == .memory ? words : 1
    if used[.issue, default: 0] >= 2 || unit.map({ used[$0, default: 0] + share > most }) == true {
      (time, used) = (time + 1, [:])
    }
    used[.issue, default: 0] += 1
    if let unit { used[unit, default: 0] += share }
    if now.count > 2 { (time, used) = (time + (now.count - 1) / 2, [:]) }
    finish(now, at: time, latency: [.load: 2, .loads: 2, .product: 2, .divide: 8][now.kind] ?? 1)
  }

  private mutating func issueAlone(_ now: ArmInstruction, _ earliest: Int) {
    let (unit, hold): (Unit?, Int) =
      switch now.kind {
      case .vectorLoad, .vectorStore: (.memory, 2)
      case .vectorGather: (.memory, max(2, now.count / lanesPerCycle))
      case .load, .store, .loads, .stores, .loadCounter: (.memory, (now.count + 1) / 2)
      case .vectorMultiply: (.product, 2)
      case .vectorOther: (.vector, 2)
      default: (nil, 1)
      }
    let at = max(earliest, unit.map { free[$0, default: 0] } ?? 0)
    if let unit { free[unit] = at + hold }
    let latency: Int =
      switch now.kind {
      case .load, .loads, .product, .shift: 2
      case .divide: 6
      case .vectorMultiply: now.results & 0xFFFF != 0 ? 3 : 2
      case .vectorGather: hold
      default: 1
      }
    finish(now, at: at, latency: latency)
    let blocks =
      now.kind == .vectorGather
      || unit == .memory && now.kind != .vectorLoad && now.kind != .vectorStore
    time = at + (blocks ? hold : 1)
  }

  private mutating func finish(_ now: ArmInstruction, at: Int, latency: Int) {
    for register in 0..<24 where now.results & 1 << UInt32(register) != 0 {
      ready[register] = at + latency
      isProduct[register] = now.kind == .product || now.kind == .vectorMultiply
    }
  }
}
