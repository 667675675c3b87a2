package import Datasets
internal import Files
package import FoundationEssentials
package import NetworkGraph
package import Tensors

/// The ranges of every tensor of a float network, and all that they were learned from. It holds no
/// time and no machine: the same inputs give the same bytes.
package struct CalibrationTable: Hashable, Codable, Sendable {
  /// The version of this tool.
  package var tool: String
  /// The float network.
  package var model: CalibratedModel
  /// What made pixels into the network's input.
  package var preprocessing: Preprocessing
  /// Who said so; `nil` in files of before.
  package var origins: PreprocessingOrigins?
  /// The images.
  package var sample: CalibrationSample
  /// Which parts of the sample the statistics cover.
  package var shards: CalibrationShards
  /// How ranges follow from statistics.
  package var method: CalibrationMethod
  /// One entry a tensor, in the order of the graph's tensors.
  package var tensors: [CalibratedTensor]

  /// A table from its parts; `statistics` hold one entry for each of `names`.
  package init(
    tool: String, model: CalibratedModel, preprocessing: Preprocessing, sample: CalibrationSample,
    shards: CalibrationShards, method: CalibrationMethod, names: [String],
    statistics: [TensorStatistics], origins: PreprocessingOrigins? = nil
  ) {
    precondition(names.count == statistics.count)
    self.tool = tool
    self.model = model
    self.preprocessing = preprocessing
    self.origins = origins
    self.sample = sample
    self.shards = shards
    self.method = method
    tensors = zip(names, statistics).map { CalibratedTensor($0, $1, method) }
  }

  /// The entry of the tensor called `name`; `nil` for an unknown one.
  package subscript(name: String) -> CalibratedTensor? { tensors.first { $0.name == name } }

  /// Checks that the table is of this network and covers its whole sample.
  ///
  /// - Throws: `CalibrationError.otherModel`, `incomplete`, `missingTensor`, `channels` or
  ///   `damaged`.
  package func check(_ graph: Graph, modelSHA256: String) throws(CalibrationError) {
    guard model.sha256 == modelSHA256 else {
      throw .otherModel(file: model.file, expected: modelSHA256, found: model.sha256)
    }
    guard shards.missing.isEmpty else {
      throw .incomplete(missing: shards.missing, count: shards.count)
    }
    for tensor in graph.tensors {
      guard let entry = self[tensor.name] else { throw .missingTensor(tensor.name) }
      guard entry.statistics.channels == tensor.shape.channels else {
        throw .channels(
          tensor: tensor.name, expected: tensor.shape.channels, found: entry.statistics.channels)
      }
    }
    let counts = [preprocessing.mean.count, preprocessing.std.count]
    guard counts == [0, 0] || counts == [graph.inputShape.channels, graph.inputShape.channels],
      !preprocessing.std.contains(0)
    else {
      throw .damaged(
        "the preprocessing has \(counts[0]) means and \(counts[1]) deviations for "
          + "\(graph.inputShape.channels) channels, or a deviation of 0")
    }
  }
}

extension CalibrationTable {
  /// The table as JSON with sorted keys: equal tables give equal bytes.
  package func bytes() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a table.
  ///
  /// - Throws: `CalibrationError.damaged`.
  package init(bytes: Data) throws(CalibrationError) {
    do {
      self = try JSONDecoder().decode(CalibrationTable.self, from: bytes)
    } catch {
      throw .damaged(JSONProblem.words(error))
    }
    guard shards.isConsistent else {
      throw .damaged("shards \(shards.done) of \(shards.count) are impossible")
    }
    guard sample.imageCount >= 1, sample.imageCount <= sample.recordCount else {
      throw .damaged("\(sample.imageCount) images of \(sample.recordCount) are impossible")
    }
    for tensor in tensors where !tensor.isConsistent {
      throw .damaged("the statistics of tensor '\(tensor.name)' contradict one another")
    }
  }
}

/// Which float network was calibrated.
package struct CalibratedModel: Hashable, Codable, Sendable {
  /// The file's name, without its folder.
  package var file: String
  /// SHA-256 of the file, in hexadecimal.
  package var sha256: String

  package init(file: String, sha256: String) {
    self.file = file
    self.sha256 = sha256
  }
}

/// Which images were used: `imageCount` of the split's `recordCount` records, spread evenly.
package struct CalibrationSample: Hashable, Codable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// Where it lay, as the caller named the place.
  package var path: String
  /// The same from the folder of the calibration's file; `nil` where `path` is absolute, or found from
  /// that folder or one above it.
  package var pathFromFile: String?
  /// The split, `train` as a rule.
  package var split: String
  /// Records in the split.
  package var recordCount: Int
  /// Records used, at least 1.
  package var imageCount: Int
  /// SHA-256 over the stored bytes of the records used, in order, in hexadecimal.
  package var sha256: String

  package init(
    dataset: String, path: String, split: String, recordCount: Int, imageCount: Int, sha256: String
  ) {
    self.dataset = dataset
    self.path = path
    self.split = split
    self.recordCount = recordCount
    self.imageCount = imageCount
    self.sha256 = sha256
  }
}

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

/// What a calibration shows that a user can do something about.
package enum CalibrationWarning: Hashable, Sendable {
  case fewImages(count: Int)
  /// The values of `tensor` reach to `largest`, and all but one in ten thousand to `usual`; `others`
  /// tensors are so, too.
  case outliers(tensor: String, largest: Float, usual: Float, others: Int)
  /// `dead` of the channels of `tensor` have one value on all images; `others` tensors have such.
  case deadChannels(tensor: String, dead: Int, channels: Int, others: Int)
}

extension CalibrationWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fewImages(let count):
      "calibrated on \(count) \(count == 1 ? "image" : "images"), and ranges of fewer than "
        + "\(CalibrationTable.enoughImages) miss values to come: calibrate with more, 512 where there "
        + "are as many"
    case .outliers(let tensor, let largest, let usual, let others):
      "\(tensor): values reach to \(largest), and all but one in ten thousand to \(usual)"
        + "\(Self.also(others)): quantize with --ranges automatic, the default, which cuts outliers"
    case .deadChannels(let tensor, let dead, let channels, let others):
      "\(tensor): \(dead) of \(channels) channels have one value on all images"
        + "\(Self.also(others)): prune them from the float model, or calibrate on images that use them"
    }
  }

  private static func also(_ others: Int) -> String {
    switch others {
    case 0: ""
    case 1: ", and 1 other tensor is so"
    default: ", and \(others) other tensors are so"
    }
  }
}

extension CalibrationTable {
  /// Fewer images than this leave ranges to chance.
  static let enoughImages = 64
  /// A range this many times as wide as what nearly all values need loses two bits to the rest.
  private static let outlierRatio: Float = 4

  /// What to tell the user, at most one a kind.
  package var warnings: [CalibrationWarning] {
    [fewImages, outliers, deadChannels { _, _ in true }].compactMap(\.self)
  }

  /// Says so where the images are few.
  package var fewImages: CalibrationWarning? {
    sample.imageCount < Self.enoughImages ? .fewImages(count: sample.imageCount) : nil
  }

  /// Names the tensor whose range outliers widen most.
  package var outliers: CalibrationWarning? {
    let found = tensors.compactMap { tensor -> (name: String, largest: Float, usual: Float)? in
      let statistics = tensor.statistics
      let all = CalibrationMethod.minMax.range(statistics)
      let most = CalibrationMethod.percentile.range(statistics)
      let usual = max(-most.lowerBound, most.upperBound)
      let largest = max(-all.lowerBound, all.upperBound)
      return usual > 0 && largest > Self.outlierRatio * usual
        ? (tensor.name, largest, usual) : nil
    }
    guard let worst = found.max(by: { $0.largest / $0.usual < $1.largest / $1.usual }) else {
      return nil
    }
    return .outliers(
      tensor: worst.name, largest: worst.largest, usual: worst.usual, others: found.count - 1)
  }

  /// Names the tensor with the most channels that had one value on all images.
  ///
  /// - Parameter counts: Whether a channel of a tensor matters.
  package func deadChannels(
    where counts: (_ tensor: String, _ channel: Int) -> Bool
  ) -> CalibrationWarning? {
    let found = tensors.map { tensor in
      (tensor, tensor.statistics.deadChannels.count { counts(tensor.name, $0) })
    }.filter { $0.1 > 0 }
    guard let (worst, dead) = found.max(by: { $0.1 < $1.1 }) else { return nil }
    return .deadChannels(
      tensor: worst.name, dead: dead, channels: worst.statistics.channels, others: found.count - 1)
  }
}

extension TensorStatistics {
  /// The channels whose values were all the same.
  fileprivate var deadChannels: [Int] {
    channelMinimum.indices.filter { channelMinimum[$0] == channelMaximum[$0] }
  }
}
