/// What a stored tensor means.
enum WeightKind {
  /// Of a convolution or a matrix; `fanIn` products make one output value.
  case kernel(fanIn: Int)
  case bias
  case gamma
  case beta
  case mean
  case variance

  /// The variable's name behind its layer's name.
  func suffix(_ style: Style) -> String {
    switch (self, style) {
    case (.kernel, .torchvision), (.gamma, .torchvision): ".weight"
    case (.bias, .torchvision), (.beta, .torchvision): ".bias"
    case (.mean, .torchvision): ".running_mean"
    case (.variance, .torchvision): ".running_var"
    case (.kernel, .keras): "/kernel"
    case (.bias, .keras): "/bias"
    case (.gamma, .keras): "/gamma"
    case (.beta, .keras): "/beta"
    case (.mean, .keras): "/moving_mean"
    case (.variance, .keras): "/moving_variance"
    }
  }

  /// Where random values lie. Kernels keep the variance of what passes through ReLU (He et al.,
  /// 2015); the statistics differ from the true ones enough that skipping one is noticed.
  var randomRange: ClosedRange<Double> {
    switch self {
    case .kernel(let fanIn):
      let bound = (6 / Double(fanIn)).squareRoot()
      return -bound...bound
    case .bias, .beta, .mean: return -0.25...0.25
    case .gamma, .variance: return 0.5...1.5
    }
  }
}
