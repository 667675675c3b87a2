/// The instructions that kernels are written for. The raw value is its spelling in board files.
package enum InstructionSet: String, CaseIterable, Hashable, Sendable {
  /// C99 alone.
  case portable
  /// The DSP extension of Armv7E-M and Armv8-M: two 16-bit multiplications at a time.
  case dsp
  /// The vectors of Armv8.1-M, 16 bytes long.
  case mve

  /// What a core offers, as compilers name it; `nil` where a board file has to say.
  init?(core: String) {
    switch core {
    case "cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m3", "cortex-m23", "rv32imc",
      "xtensa-lx7":
      self = .portable
    case "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m35p": self = .dsp
    case "cortex-m52", "cortex-m55", "cortex-m85": self = .mve
    default: return nil
    }
  }
}
