package import Boards

/// The instructions that kernels are written for.
package enum InstructionSet: CaseIterable, Hashable, Sendable {
  /// C99 alone.
  case portable
  /// The DSP extension of Armv7E-M and Armv8-M: two 16-bit multiplications at a time.
  case dsp
  /// The vectors of Armv8.1-M, 16 bytes long.
  case mve

  /// What the processor of `board` offers.
  package init(of board: Board) {
    switch board.core {
    case "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m35p": self = .dsp
    case "cortex-m52", "cortex-m55", "cortex-m85": self = .mve
    default: self = .portable
    }
  }
}

extension InstructionSet {
  /// What kernels made ready for it include.
  var headers: [String] {
    switch self {
    case .portable: ["mnq_packed.h"]
    case .dsp: ["mnq_packed.h", "mnq_dsp.h"]
    case .mve: ["mnq_packed.h", "mnq_mve.h", "mnq_mve_lanes.h"]
    }
  }
}
