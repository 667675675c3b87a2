import BoardKernels
import Boards
import Engines
import LayerCases
import QuantizedIR
import Testing

/// Transposed convolutions as convolutions of stride 1, one for each place between the input's pixels.
@Suite struct PhaseTests {
  private static let rows = LayerCase.all.filter {
    if case .transposedConv2D = $0.model.layers[0].operation { true } else { false }
  }

  /// Wherever there is room, and whether a phase is a convolution or not.
  @Test(arguments: rows, InstructionSet.allCases)
  func bytesAreTheSame(_ row: LayerCase, _ instructionSet: InstructionSet) throws {
    let schedule = try BoardSchedule(row.model, for: instructionSet, arenaLimit: .bytes(1 << 20))
    let input = row.input(seed: 5)
    #expect(BoundModel.board(schedule).run(input) == BoundModel.plain(row.model).run(input))
    #expect(schedule.plan.fault(in: schedule.model, schedule.kernels.map(\.memory)) == nil)
    #expect(schedule.nominalMACs.count == schedule.model.layers.count)
  }

  @Test(arguments: ["2x2-stride-2", "3x3-stride-2", "4x4-stride-2"])
  func phasesRunInConvolutions(_ name: String) throws {
    let row = try #require(Self.rows.first { $0.name == "transposed-conv2d-\(name)" })
    let schedule = try BoardSchedule(row.model, for: .dsp, arenaLimit: .bytes(1 << 20))
    let stems = schedule.kernels.map(\.stem)
    #expect(stems == ["conv2d_dsp", "copy", "conv2d_dsp", "copy"] + stems.prefix(4))
    // The same products, counted once.
    let products = row.model.macs
    #expect(products - 4...products ~= schedule.nominalMACs.reduce(0, +))
  }

  /// Memory that a board has not is not taken for speed.
  @Test func smallestArenaHasNoPhases() throws {
    let row = try #require(Self.rows.first { $0.name == "transposed-conv2d-4x4-stride-2" })
    let schedule = try BoardSchedule(row.model, for: .dsp)
    #expect(schedule.kernels.map(\.stem) == ["transposed_conv2d"])
  }
}
