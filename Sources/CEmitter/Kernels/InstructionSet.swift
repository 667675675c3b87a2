internal import Boards

/// The instructions that kernels are written for.
enum InstructionSet: Hashable, Sendable {
  /// C99 alone.
  case portable
  /// The DSP extension of Armv7E-M and Armv8-M: two 16-bit multiplications at a time.
  case dsp

  /// What the processor of `board` offers.
  init(of board: Board) {
    switch board.core {
    case "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55": self = .dsp
    default: self = .portable
    }
  }
}
