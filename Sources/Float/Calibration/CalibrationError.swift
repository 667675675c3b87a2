package import Datasets

/// Why a network could not be calibrated, or a table not be used.
package enum CalibrationError: Error, Hashable {
  case dataset(DatasetError)
  case unsound(tensor: String, record: Int, value: String)
  case emptyShard([Int], count: Int, imageCount: Int)
  case damaged(String)
  case otherModel(file: String, expected: String, found: String)
  case incomplete(missing: [Int], count: Int)
  case missingTensor(String)
  case channels(tensor: String, expected: Int, found: Int)
  case nothingToMerge
  case differs(String, first: String, second: String)
  case repeatedShard(Int)
}

extension CalibrationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .dataset(let error):
      error.description
    case .unsound(let tensor, let record, let value):
      "record \(record) of the data makes tensor '\(tensor)' \(value), expected finite values below "
        + "2^40; check the model's weights and its preprocessing"
    case .emptyShard(let shards, let count, let imageCount):
      "there is no image for shard \(shards[0])/\(count) of \(imageCount) images; use at most "
        + "\(imageCount) shards"
    case .damaged(let reason):
      "not a calibration table, or a damaged one: \(reason); calibrate again"
    case .otherModel(let file, let expected, let found):
      "the calibration is of another model: '\(file)' with SHA-256 \(found), and this one has "
        + "\(expected); calibrate this model"
    case .incomplete(let missing, let count):
      "the calibration covers only some of its \(count) shards; calibrate and merge the missing "
        + missing.map { "\($0)/\(count)" }.joined(separator: ", ")
    case .missingTensor(let name):
      "the calibration has no tensor '\(name)', which the model has; calibrate this model again"
    case .channels(let tensor, let expected, let found):
      "the calibration has \(found) channels for tensor '\(tensor)', which has \(expected) in the "
        + "model; calibrate this model again"
    case .nothingToMerge:
      "there is no calibration to merge; name at least one file"
    case .differs(let property, let first, let second):
      "these are not shards of one calibration: \(property) is \(first) in one and \(second) in "
        + "another; calibrate all shards with the same model, data and options"
    case .repeatedShard(let shard):
      "shard \(shard) occurs twice; give every shard once"
    }
  }
}
