internal import Files

extension Failure {
  /// Runs `body`, whose errors name their file.
  static func sentence(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      throw Failure("\(error)")
    }
  }

  /// The result of `body`, whose errors become sentences that begin with `file`, unless they name
  /// it or a file in it already.
  static func naming<Result>(
    _ file: String, status: Status = .input, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      throw Failure(error, in: file, status: status)
    }
  }

  /// As `naming(_:status:_:)`, for work that waits.
  static func naming<Result>(
    _ file: String, status: Status = .input, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch {
      throw Failure(error, in: file, status: status)
    }
  }

  private init(_ error: any Error, in file: String, status: Status) {
    let sentence = "\(error)"
    if let failure = error as? Failure {
      self = failure
    } else if error is FileError || sentence.hasPrefix(file) {
      self.init(sentence, status: status)
    } else {
      self.init("\(file): \(sentence)", status: status)
    }
  }
}
