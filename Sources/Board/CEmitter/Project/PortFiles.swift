internal import Boards

/// `main.c`, and what stands between it and the machine: `port/`.
struct PortFiles {
  let files: [EmittedFile]

  /// - Throws: `EmitError.board`.
  init(board: Board, names: Names) throws(EmitError) {
    let emulated = board.emulator.map {
      ["semihosting.h", "sections.ld", $0.linkerScript] + $0.sources
    }
    let port = ["port.h", "port_host.c"] + (emulated ?? [])
    do throws(BoardError) {
      files =
        [EmittedFile(path: "main.c", text: names.applied(to: try Self.text("main.c")))]
        + (try port.map { name throws(BoardError) in
          EmittedFile(path: "port/\(name)", text: names.applied(to: try Self.text(name)))
        })
    } catch {
      throw .board(error)
    }
  }

  private static func text(_ name: String) throws(BoardError) -> String {
    try BoardCatalog.supportFile(name)
  }
}
