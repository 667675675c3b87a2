/// The numbers that the schema gives to the fields of its tables.
///
/// Source: TensorFlow Lite `schema.fbs`.
package enum TFLiteField {
  /// The root of a file.
  package enum Model {
    package static let version = 0
    package static let operatorCodes = 1
    package static let subgraphs = 2
    package static let description = 3
    package static let buffers = 4
  }

  package enum OperatorCode {
    /// A byte, which new files fill with 127 at most.
    package static let deprecatedBuiltinCode = 0
    package static let customCode = 1
    package static let version = 2
    package static let builtinCode = 3
  }

  package enum SubGraph {
    package static let tensors = 0
    package static let inputs = 1
    package static let outputs = 2
    package static let operators = 3
    package static let name = 4
  }

  package enum Tensor {
    package static let shape = 0
    package static let type = 1
    package static let buffer = 2
    package static let name = 3
    package static let quantization = 4
    package static let signature = 7
  }

  package enum QuantizationParameters {
    package static let scale = 2
    package static let zeroPoint = 3
    package static let quantizedDimension = 6
  }

  package enum Buffer {
    package static let data = 0
  }

  package enum Operator {
    package static let opcodeIndex = 0
    package static let inputs = 1
    package static let outputs = 2
    package static let builtinOptionsType = 3
    package static let builtinOptions = 4
  }

  package enum FullyConnectedOptions {
    package static let activation = 0
    package static let weightsFormat = 1
    package static let keepsAxes = 2
  }

  package enum AddOptions {
    package static let activation = 0
    package static let powerOfTwoScaleInt16 = 1
  }

  package enum MulOptions {
    package static let activation = 0
  }

  package enum ConcatenationOptions {
    package static let axis = 0
    package static let activation = 1
  }

  package enum BlockOptions {
    package static let size = 0
  }

  package enum GatherOptions {
    package static let axis = 0
    package static let batchDimensions = 1
  }

  package enum PackOptions {
    package static let count = 0
    package static let axis = 1
  }

  package enum UnpackOptions {
    package static let count = 0
    package static let axis = 1
  }

  package enum SplitOptions {
    package static let parts = 0
  }

  package enum StridedSliceOptions {
    package static let begin = 0
    package static let end = 1
    package static let ellipsis = 2
    package static let newAxis = 3
    package static let shrinkAxis = 4
    package static let offset = 5
  }

  package enum SoftmaxOptions {
    package static let beta = 0
  }

  package enum ReshapeOptions {
    package static let newShape = 0
  }

  package enum LeakyReluOptions {
    package static let alpha = 0
  }

  package enum GeluOptions {
    package static let approximate = 0
  }

  package enum ResizeBilinearOptions {
    package static let alignsCorners = 2
    package static let hasHalfPixels = 3
  }

  package enum ResizeNearestNeighborOptions {
    package static let alignsCorners = 0
    package static let hasHalfPixels = 1
  }

  package enum MirrorPadOptions {
    package static let mode = 0
  }

  package enum ReducerOptions {
    package static let keepsAxes = 0
  }
}

/// The numbers of the fields of the options of an operator with a sliding window.
package struct TFLiteWindowFields: Sendable {
  package static let padding = 0
  package static let strideWidth = 1
  package static let strideHeight = 2

  package let activation: Int
  /// `nil` where the weights say it.
  package var kernel: (width: Int, height: Int)?
  /// `nil` where the window is dense.
  package var dilation: (width: Int, height: Int)?

  /// `Conv2DOptions`.
  package static let conv2D = TFLiteWindowFields(
    activation: 3, dilation: (width: 4, height: 5))

  /// `DepthwiseConv2DOptions`, which have `depthMultiplier` besides.
  package static let depthwiseConv2D = TFLiteWindowFields(
    activation: 4, dilation: (width: 5, height: 6))
  package static let depthMultiplier = 3

  /// `TransposeConvOptions`.
  package static let transposeConv = TFLiteWindowFields(activation: 3)

  /// `Pool2DOptions`.
  package static let pool2D = TFLiteWindowFields(activation: 5, kernel: (width: 3, height: 4))
}

/// The tables of options of the operators that are written: `BuiltinOptions`. The raw value is the
/// table's number in that union.
package enum TFLiteOptionsType: UInt8, Sendable {
  case none = 0
  case conv2D = 1
  case depthwiseConv2D = 2
  case pool2D = 5
  case fullyConnected = 8
  case softmax = 9
  case concatenation = 10
  case add = 11
  case l2Norm = 12
  case squaredDifference = 76
  case resizeBilinear = 15
  case reshape = 17
  case multiply = 21
  case pad = 22
  case transpose = 26
  case gather = 23
  case spaceToDepth = 19
  case reducer = 27
  case exp = 33
  case stridedSlice = 32
  case maximumMinimum = 39
  case leakyRelu = 75
  case abs = 78
  case slice = 46
  case transposeConv = 49
  case resizeNearestNeighbor = 74
  case quantize = 89
  case gelu = 116
  case depthToSpace = 94
}
