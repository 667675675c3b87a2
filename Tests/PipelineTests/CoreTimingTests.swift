import Pipeline
import Testing

/// What the manuals say that short sequences of instructions take.
@Suite struct CoreTimingTests {
  /// The likely cycles of `lines`, each run once in order, four bytes long; the last one is a branch
  /// that is taken where `taken`.
  private static func cycles(_ lines: [String], _ core: CoreTiming, taken: Bool = false) -> Cycles {
    let executions = lines.enumerated().map { place, line in
      let parts = line.split(separator: " ", maxSplits: 1)
      let instruction = ArmInstruction(
        address: UInt64(0x1000 + 4 * place), size: 4, name: parts[0],
        operands: parts.dropFirst().first ?? "")
      return Execution(
        instruction, count: 1, taken: taken && place == lines.count - 1 ? 1 : 0)
    }
    return core.cycles(of: executions)
  }

  /// The examples of the Cortex-M4 manual's "Load/store timings", and its table of instructions.
  @Test(arguments: [
    (["ldr r0, [r1]", "ldr r1, [r2]"], 3),
    (["ldr r0, [r1, r5]", "ldr r1, [r2]", "ldr r2, [r3, #4]"], 4),
    (["ldr r0, [r1, r2]", "str r0, [r3, #20]"], 3),
    (["ldr r0, [r1, r2]", "str r1, [r3, r2]"], 3),
    (["ldr r0, [r1]", "ldr r2, [r0]"], 4),
    (["add r1, r1, r2", "ldr r0, [r1]"], 4),
    (["str r0, [r1, #4]"], 1),
    (["str r0, [r1, r2]"], 2),
    (["ldrd r0, r1, [r2]"], 3),
    (["ldmia r2!, {r4, r5, r6, r7}"], 5),
    (["push {r4-r7, lr}"], 6),
    (["pop {r4-r7, pc}"], 9),
    (["smlad r0, r1, r2, r0", "smull r0, r1, r2, r3"], 2),
    (["ldr pc, [sp, #8]"], 5),
    (["bne.n 1000 <loop>"], 1),
  ])
  func cortexM4(_ lines: [String], _ expected: Int) {
    #expect(Self.cycles(lines, .m4).mid == expected)
  }

  /// The Cortex-M0+ manual's table.
  @Test(arguments: [
    (["ldr r0, [r1]", "str r0, [r1]", "adds r0, r0, r1", "muls r0, r1"], 6),
    (["ldmia r2!, {r4, r5, r6, r7}"], 5),
    (["pop {r4, pc}"], 5),
  ])
  func cortexM0Plus(_ lines: [String], _ expected: Int) {
    #expect(Self.cycles(lines, .m0plus).mid == expected)
  }

  @Test func branchesRefillThePipelineWhereTaken() {
    let loop = ["subs r0, r0, #1", "bne.n 1000 <loop>"]
    #expect(Self.cycles(loop, .m4, taken: true) == Cycles(low: 3, mid: 3, high: 5))
    #expect(Self.cycles(loop, .m4) == Cycles(low: 2, mid: 2, high: 2))
    #expect(Self.cycles(loop, .m7, taken: true).mid >= 2)
  }

  /// Two loads, two independent sums: M7 takes them in pairs, M55 one by one, vectors in two beats.
  @Test func pipelinesTakeWhatTheirUnitsAllow() {
    let pairs = ["add r0, r1, r2", "add r3, r4, r5", "add r6, r1, r2", "add r7, r4, r5"]
    #expect(Self.cycles(pairs, .m7).mid == 2)
    #expect(Self.cycles(pairs, .m55).mid == 4)
    let vectors = ["vldrb.8 q0, [r0], #16", "vldrb.8 q1, [r1], #16"]
    #expect(Self.cycles(vectors, .m55).mid == 4)
    let gather = ["vldrb.s8 q0, [r0, q1]"]
    #expect(Self.cycles(gather, .m55).mid == 12)
  }

  @Test(arguments: CoreTiming.allCases)
  func rangesAreInOrder(_ core: CoreTiming) {
    let lines = [
      "ldr r0, [r1]", "str r0, [r2, r3]", "ldrd r4, r5, [r6]", "add r6, r6, #8", "strb r0, [r6]",
      "udiv r0, r1, r2", "smlad r0, r1, r2, r3", "it ne", "tbb [pc, r0]", "push {r0-r3}",
      "lsls r0, r1, #2", "bx lr", "bl 1000 <f>",
    ]
    let cycles = Self.cycles(lines, core, taken: true)
    #expect(cycles.low <= cycles.mid && cycles.mid <= cycles.high)
    #expect(cycles.low > 0)
  }
}
