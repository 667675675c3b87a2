internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

/// A layer as this machine runs it fastest.
protocol HostLayer: PlainLayer {
  /// The kernel, with its struct and packed constants in `memory`; `nil` where the definition runs.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel?

  /// The same for a layer between tensors whose scales and zero points may allow a faster one.
  func hostKernel(
    _ memory: PackedMemory, from input: QuantizedTensor, to output: QuantizedTensor
  ) -> BoundKernel?

  /// The same layer with its operands meeting as `broadcast` says; `nil` unless it works value by
  /// value on two.
  func over(_ broadcast: Broadcast) -> (any PlainLayer)?
}

extension HostLayer {
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? { nil }

  func hostKernel(
    _ memory: PackedMemory, from input: QuantizedTensor, to output: QuantizedTensor
  ) -> BoundKernel? {
    hostKernel(memory)
  }

  func over(_ broadcast: Broadcast) -> (any PlainLayer)? { nil }
}

extension BoundModel {
  /// `model` with its weights packed for the fastest kernels of this machine.
  package static func host(_ model: QuantizedModel) -> BoundModel {
    let memory = PackedMemory()
    let kernels = model.layers.map { BoundKernel.host($0, model, memory) }
    let plan = MemoryPlan(
      model,
      zip(model.layers, kernels).map { layer, kernel in
        KernelMemory(
          overlaps: layer.operation.portableMemory.overlaps.map {
            kernel.worksInPlace && $0 != .none ? .inPlace : .none
          })
      })
    return BoundModel(model, kernels, plan, memory)
  }
}

extension BoundKernel {
  /// The fastest kernel of `layer`. Kernels work on whole vectors, so an output may take the place of
  /// an operand of its size at most; they have working memory of their own.
  fileprivate static func host(
    _ layer: Layer, _ model: QuantizedModel, _ memory: PackedMemory
  ) -> BoundKernel {
    let operation = layer.operation
    let constants = layer.inputs.map { model.tensors[model.storage(of: $0)].constant?.values }
    if let table = operation.table(constants) {
      return .lookup(
        table, count: operation.valueCounts.output, ofSecond: constants[0] != nil, memory)
    }
    let kernel = operation.layer.hostKernel(
      memory, from: model.tensors[layer.inputs[0]], to: model.tensors[layer.output])
    return kernel ?? .plain(operation, memory)
  }
}

extension Operation {
  /// What the operation makes of each code, from -128 up, where its other operand is one constant:
  /// such as `x + 3` on the way to a hard sigmoid. `nil` for anything else.
  ///
  /// - Parameter constants: By operand; `nil` for activations.
  fileprivate func table(_ constants: [[Int8]?]) -> [Int8]? {
    let single = constants.firstIndex { $0?.count == 1 }
    guard let single, constants.count == 2, valueCounts.inputs[1 - single] == valueCounts.output,
      let constant = constants[single], constants[1 - single] == nil
    else { return nil }
    let (one, all) = (Shape([1]), Shape([256]))
    guard let broadcast = single == 0 ? Broadcast(one, all) : Broadcast(all, one),
      let layer = layer.over(broadcast)
    else { return nil }
    let codes = Array(Int8.min...Int8.max)
    var table = [Int8](repeating: 0, count: codes.count)
    var span = table.mutableSpan
    if single == 0 {
      layer.run(constant.span, codes.span, output: &span)
    } else {
      layer.run(codes.span, constant.span, output: &span)
    }
    return table
  }
}

/// What the host's kernels are made of in this process.
package enum HostKernelFamily {
  /// `scalar`, `avx2`, `avxvnni`, `avx512`, `avx512 with vnni` or `neon`.
  package static var name: String { String(cString: mnqh_family()) }
}

extension Requantization {
  /// The C twin.
  var hostValue: mnqh_factor { mnqh_factor(multiplier: multiplier, shift: shift) }
}

extension mnqh_codes {
  /// The codes at both ends of a layer.
  init(
    inputZeroPoint: Int32 = 0, outputZeroPoint: Int32, clamp: ClosedRange<Int32>,
    rounding: Rounding
  ) {
    self.init(
      input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
      minimum: clamp.lowerBound, maximum: clamp.upperBound, rounding: rounding.rawValue)
  }
}

extension mnqh_window {
  /// How a kernel slides.
  init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent,
    padding: Extent
  ) {
    self.init(
      input_height: Int32(input.height), input_width: Int32(input.width),
      output_height: Int32(output.height), output_width: Int32(output.width),
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      padding_top: Int32(padding.height), padding_left: Int32(padding.width))
  }
}

extension ChannelRequantized {
  /// Calls `body` with the constants of all channels as C reads them.
  func withHostConstants<Result>(
    _ weights: Constants<Int8>, _ body: (UnsafePointer<mnqh_channel_constants>) -> Result
  ) -> Result {
    weights.values.withUnsafeBufferPointer { weights in
      bias.values.withUnsafeBufferPointer { bias in
        multipliers.values.withUnsafeBufferPointer { multipliers in
          shifts.values.withUnsafeBufferPointer { shifts in
            withUnsafePointer(
              to: mnqh_channel_constants(
                weights: weights.baseAddress, bias: bias.baseAddress,
                multipliers: multipliers.baseAddress, shifts: shifts.baseAddress), body)
          }
        }
      }
    }
  }
}

extension Curve {
  /// The kernel of `layer`, which ends in this curve, over `window`.
  func hostKernel(
    _ layer: some ChannelRequantized, _ weights: Constants<Int8>, _ window: mnqh_window,
    inputChannels: Int, inputZeroPoint: Int32, isDepthwise: Bool, _ memory: PackedMemory
  ) -> BoundKernel {
    let layer = memory.address(of: [
      mnqh_curve_s8_layer(
        window: window, input_channels: inputChannels, output_channels: layer.bias.count,
        is_depthwise: isDepthwise, input_zero_point: inputZeroPoint,
        rounding: layer.rounding.rawValue,
        constants: mnqh_channel_constants(
          weights: memory.address(of: weights.values), bias: memory.address(of: layer.bias.values),
          multipliers: memory.address(of: layer.multipliers.values),
          shifts: memory.address(of: layer.shifts.values)),
        points: memory.address(of: points.values))
    ])
    return BoundKernel(layer, scratchBytes: mnqh_curve_s8_scratch_bytes(layer)) {
      mnqh_curve_s8($0.bound(), $1, $3, $4)
    }
  }
}
