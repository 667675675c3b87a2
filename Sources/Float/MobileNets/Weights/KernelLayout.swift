/// How a style stores a kernel, and how its axes become ours.
struct KernelLayout {
  /// The stored sizes, outermost axis first.
  let shape: [Int]
  /// The stored axis behind each axis of ours.
  let order: [Int]

  /// PyTorch's `[O][I][K][K]` or Keras' `[K][K][I][O]`, to `[O][K][K][I]`.
  static func convolution(
    _ style: Style, outputs: Int, inputs: Int, kernel: Int
  ) -> KernelLayout {
    switch style {
    case .torchvision: KernelLayout(shape: [outputs, inputs, kernel, kernel], order: [0, 2, 3, 1])
    case .keras: KernelLayout(shape: [kernel, kernel, inputs, outputs], order: [3, 0, 1, 2])
    }
  }

  /// PyTorch's `[C][1][K][K]` or Keras' `[K][K][C][1]`, to `[K][K][C]`.
  static func depthwise(_ style: Style, channels: Int, kernel: Int) -> KernelLayout {
    switch style {
    case .torchvision: KernelLayout(shape: [channels, 1, kernel, kernel], order: [2, 3, 0, 1])
    case .keras: KernelLayout(shape: [kernel, kernel, channels, 1], order: [0, 1, 2, 3])
    }
  }

  /// PyTorch's `[O][I]` or Keras' `[I][O]`, to `[O][I]`.
  static func matrix(_ style: Style, outputs: Int, inputs: Int) -> KernelLayout {
    switch style {
    case .torchvision: KernelLayout(shape: [outputs, inputs], order: [0, 1])
    case .keras: KernelLayout(shape: [inputs, outputs], order: [1, 0])
    }
  }

  /// Stored values in our order.
  func converted(_ stored: [Float]) -> [Float] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let offsets = order.reduce([0]) { offsets, axis in
      offsets.flatMap { offset in (0..<shape[axis]).map { offset + $0 * strides[axis] } }
    }
    return offsets.map { stored[$0] }
  }
}
