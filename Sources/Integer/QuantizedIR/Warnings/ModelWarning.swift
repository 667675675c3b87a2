/// What an int8 model, or what it does to some images, shows that a user can do something about.
package enum ModelWarning: Hashable, Sendable {
  /// Which images show it.
  package enum Images: Hashable, Sendable {
    case calibration
    /// Others than those that the ranges were chosen by.
    case compared
  }

  /// A depthwise layer of `channels` channels whose weights share one scale, which leaves at most 7
  /// bits to `poor` of them.
  case sharedWeightScale(layer: String, channels: Int, poor: Int, others: Int)
  /// The share of values that a layer's codes cannot express.
  case saturation(layer: String, share: Double, of: Images, others: Int)
  /// The same of a product by channel: a squeeze-and-excitation gate.
  case saturatedProduct(layer: String, share: Double, of: Images, others: Int)
  /// TensorFlow Lite's format cannot say what real value an input's zero point has.
  case droppedInputOffset(tensor: String, offset: Double)
  /// A layer with so many values in a window that its weights were rounded one by one.
  case plainRounding(layer: String, values: Int, others: Int)
}

extension ModelWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sharedWeightScale(let layer, let channels, let poor, let others):
      "\(layer): the weights of \(channels) depthwise channels share one scale, which leaves \(poor) "
        + "of them 7 bits or fewer\(Self.also(others)): convert with a scale a channel, or let "
        + "mnquant quantize the float model"
    case .saturation(let layer, let share, let images, let others):
      "\(layer): \(Self.percent(share)) of the values lie beyond the codes\(Self.also(others)): "
        + images.advice
    case .saturatedProduct(let layer, let share, let images, let others):
      "\(layer): \(Self.percent(share)) of the gated values lie beyond the codes"
        + "\(Self.also(others)): \(images.advice)"
    case .droppedInputOffset(let tensor, let offset):
      "\(tensor): its codes are pixels, and TensorFlow Lite has no place for the \(offset) that lies "
        + "between them and real values: feed the file codes, or quantize with --no-exact-input"
    case .plainRounding(let layer, let values, let others):
      "\(layer): each of its outputs reads \(values) values, too many for rounding weights with regard "
        + "to one another\(Self.also(others)): they took the nearest codes, which costs some accuracy"
    }
  }

  private static func also(_ others: Int) -> String {
    switch others {
    case 0: ""
    case 1: ", and 1 other layer is so"
    default: ", and \(others) other layers are so"
    }
  }

  /// One decimal.
  private static func percent(_ share: Double) -> String {
    "\((share * 1000).rounded() / 10)%"
  }
}

extension ModelWarning.Images {
  fileprivate var advice: String {
    switch self {
    case .calibration: "quantize with --ranges min-max, which covers all that calibration saw"
    case .compared:
      "calibrate with more images like these, or quantize with --ranges min-max"
    }
  }
}
