internal import Files
internal import FoundationEssentials
private import Glibc

/// A training between two steps: from it the same bytes follow as without a stop.
///
/// A safetensors file: `weights`, `statistics`, `moment.0`, …, `average.weights`,
/// `average.statistics`, `best.weights`, `best.statistics`; in its metadata `plan`, `history`,
/// `partial`, what is done of the epoch after these, `steps`, `best`, an epoch, and its loss `bestLoss`, and `subject`, which names network and data.
package struct Checkpoint {
  private let path: String
  /// What is trained on what: a checkpoint of something else is refused.
  private let subject: String

  package init(path: String, subject: String) { (self.path, self.subject) = (path, subject) }

  /// Keeps `trainer` as it is, or leaves the file as it was.
  ///
  /// - Throws: `FileError`.
  package func write(_ trainer: Trainer) throws {
    try AtomicFile.write(try Self.bytes(trainer, subject), to: path)
  }

  /// The state that the file keeps.
  ///
  /// - Returns: Whether there is one.
  /// - Throws: `TrainingError.checkpoint` where it is of another training, `.damagedCheckpoint`
  ///   where it is no checkpoint; `FileError`.
  package func restore(_ trainer: Trainer) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return false }
    let bytes = try AtomicFile.read(path, as: .owner)
    let file: Safetensors
    do throws(SafetensorsError) {
      file = try Safetensors(bytes: bytes)
    } catch {
      throw TrainingError.damagedCheckpoint(path: path, "\(error)")
    }
    try check(file, trainer)
    let history = try decoded([EpochRecord].self, "history", file)
    let partial = try decoded(PartialEpoch.self, "partial", file)
    guard (0..<trainer.stepsOfEpoch).contains(partial.steps) else {
      throw TrainingError.damagedCheckpoint(path: path, "its epoch has other steps")
    }
    guard let steps = file.metadata["steps"].flatMap({ Int($0) }) else {
      throw TrainingError.damagedCheckpoint(path: path, "it has no number of steps")
    }
    let arrays = Self.arrays(trainer)
    let values = try arrays.map { name, floats in
      guard let found = file.tensors[name]?.floats(), found.count == floats.count else {
        throw TrainingError.damagedCheckpoint(path: path, "'\(name)' is not there or too short")
      }
      return found
    }
    for (array, values) in zip(arrays, values) { array.floats.set(values) }
    trainer.optimizer.restore(steps: steps)
    trainer.restore(history, partial)
    if let best = trainer.best {
      guard let epoch = file.metadata["best"].flatMap({ Int($0) }),
        let loss = file.metadata["bestLoss"].flatMap({ Double($0) }),
        (0...history.count).contains(epoch)
      else {
        throw TrainingError.damagedCheckpoint(path: path, "its best epoch is none of those done")
      }
      best.restore(epoch: epoch, loss: loss)
    }
    return true
  }

  private func check(_ file: Safetensors, _ trainer: Trainer) throws {
    let found = file.metadata["subject"] ?? "something else"
    guard found == subject else {
      throw TrainingError.checkpoint(path: path, expected: subject, found: found)
    }
    let plan = try decoded(TrainingPlan.self, "plan", file)
    guard plan == trainer.plan else {
      throw TrainingError.checkpoint(path: path, expected: "these options", found: "others")
    }
  }

  private func decoded<Value: Decodable>(
    _: Value.Type, _ name: String, _ file: Safetensors
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data((file.metadata[name] ?? "").utf8))
    } catch {
      throw TrainingError.damagedCheckpoint(path: path, "its \(name) cannot be read")
    }
  }

  private static func arrays(_ trainer: Trainer) -> [(name: String, floats: Floats)] {
    let parameters = trainer.network.parameters
    let moments = trainer.optimizer.moments.enumerated().map { ("moment.\($0)", $1) }
    let average = trainer.average.map {
      [("average.weights", $0.values), ("average.statistics", $0.statistics)]
    }
    let best = trainer.best.map {
      [("best.weights", $0.values), ("best.statistics", $0.statistics)]
    }
    return [("weights", parameters.values), ("statistics", parameters.statistics)] + moments
      + (average ?? []) + (best ?? [])
  }

  private static func bytes(_ trainer: Trainer, _ subject: String) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    let tensors = arrays(trainer).map { ($0.name, SafetensorsTensor($0.floats.array)) }
    return try Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: tensors),
      metadata: [
        "subject": subject, "plan": try text(trainer.plan), "history": try text(trainer.history),
        "partial": try text(trainer.partial),
        "steps": "\(trainer.optimizer.steps)", "best": "\(trainer.best?.epoch ?? 0)",
        "bestLoss": "\(trainer.best?.loss ?? .infinity)",
      ]
    ).bytes()
  }
}
