internal import Boards
internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension TransposedConv2D: BoardLayer {
  var stem: String { "transposed_conv2d" }
  var tables: [LayerTable] { weightTables }

  /// Twin: `mnq_transposed_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("kernel", kernel)
    record.field("stride", stride)
    record.field("padding", padding)
    record.field("input_channels", inputChannels)
    record.field("output_channels", outputChannels)
    record.field("groups", groups)
    record.fields(of: self)
  }

  func channelRelation(input: Int, output: Int) -> ChannelRelation {
    groups == 1 && inputChannels == input && outputChannels == output ? .sums : .whole
  }

  /// As of `Conv2D`; a pixel gathers some of the taps, so any of them may be missing.
  func constantCodes(_ input: [Int8?]) -> [Int8?]? {
    let count = kernel.count * inputChannels
    return (0..<outputChannels).map { output in
      let taps = (0..<count).map { (input[$0 % input.count], sums.weights[output * count + $0]) }
      return constantCode(output, taps, padded: true)
    }
  }

  /// Pixels gather different taps, so no bias takes a constant's share but that of a zero.
  func needs(_ channel: Int, holding code: Int8?, for outputs: [Bool]) -> Bool {
    guard code.map({ Int32($0) }) != inputZeroPoint else { return false }
    let count = kernel.count * inputChannels
    return outputs.indices.contains { output in
      outputs[output]
        && Swift.stride(from: channel, to: count, by: inputChannels).contains {
          sums.weights[output * count + $0] != 0
        }
    }
  }

  func applying(_ cut: ChannelCut) -> Operation {
    let taps = cut.outputs.flatMap { output in
      (0..<kernel.count).flatMap { tap in
        cut.inputs.map { sums.weights[(output * kernel.count + tap) * inputChannels + $0] }
      }
    }
    var layer = self
    layer.inputChannels = cut.inputs.count
    layer.outputChannels = cut.outputs.count
    layer.sums = cut.sums(of: sums, weights: taps, bias: cut.outputs.map { bias[$0] })
    return .transposedConv2D(layer)
  }
}

/// A model whose transposed convolutions are convolutions of stride 1, where a board has a kernel of
/// its own for these: one for each place that an output pixel can have between those of the input,
/// and a copy that brings its pixels there. The products are the same, and so are the sums.
struct TransposedPhases {
  private(set) var model: QuantizedModel
  /// For each of its layers, the one of the model before, and the share of that one's products.
  private(set) var sources: [(layer: Int, macs: Double)] = []

  /// `nil` where there is nothing to gain.
  init?(_ whole: QuantizedModel, for instructionSet: InstructionSet) {
    model = whole
    model.layers = []
    for (index, layer) in whole.layers.enumerated() {
      guard case .transposedConv2D(let operation) = layer.operation,
        whole.tensors[layer.output].shape.count == operation.valueCounts.output,
        let phases = operation.phases,
        phases.allSatisfy({ $0.conv.fastKernel(for: instructionSet) != nil })
      else {
        append(layer, from: index, macs: 1)
        continue
      }
      append(phases, of: layer, at: index)
    }
    guard model.layers.count > whole.layers.count else { return nil }
  }

  private mutating func append(_ layer: Layer, from source: Int, macs: Double) {
    model.layers.append(layer)
    sources.append((source, macs))
  }

  private mutating func append(_ phases: [Phase], of layer: Layer, at index: Int) {
    let total = phases.reduce(0) { $0 + $1.conv.macs }
    for (number, phase) in phases.enumerated() {
      let output = phase.conv.output
      var pixels = model.tensors[layer.output]
      pixels.name += ", phase \(number)"
      pixels.shape = Shape(
        height: output.height, width: output.width, channels: phase.conv.outputChannels)
      model.tensors.append(pixels)
      let tensor = model.tensors.count - 1
      append(
        Layer(
          name: "\(layer.name), phase \(number)", operation: .conv2D(phase.conv),
          inputs: layer.inputs, output: tensor, weightScales: layer.weightScales), from: index,
        macs: Double(phase.conv.macs) / Double(total))
      append(
        Layer(
          name: "\(layer.name), phase \(number) in its place", operation: .copy(phase.copy),
          inputs: [tensor], output: layer.output), from: index, macs: 0)
    }
  }
}

/// The output pixels whose places differ by whole strides.
private struct Phase {
  let conv: Conv2D
  /// From the convolution's output to the transposed one's.
  let copy: Copy
}

extension TransposedConv2D {
  /// `nil` where a phase is no whole convolution: one without a tap, one that begins behind the
  /// first pixel of the input or ends before its last, or one of groups.
  fileprivate var phases: [Phase]? {
    guard groups == 1, stride.count > 1 else { return nil }
    var phases: [Phase] = []
    for y in 0..<stride.height {
      for x in 0..<stride.width {
        guard
          let rows = PhaseTaps(
            at: y, padding.height, kernel.height, stride.height, input.height, output.height),
          let columns = PhaseTaps(
            at: x, padding.width, kernel.width, stride.width, input.width, output.width)
        else { return nil }
        phases.append(phase(rows, columns, y, x))
      }
    }
    return phases
  }

  private func phase(_ rows: PhaseTaps, _ columns: PhaseTaps, _ y: Int, _ x: Int) -> Phase {
    let taps = (0..<outputChannels).flatMap { o in
      rows.taps.flatMap { ky in
        columns.taps.flatMap { kx in
          let first = ((o * kernel.height + ky) * kernel.width + kx) * inputChannels
          return weights.values[first..<first + inputChannels]
        }
      }
    }
    let (pixels, channels) = (Extent(rows.count, columns.count), outputChannels)
    var sums = self.sums
    sums.weights = Constants(taps)
    let conv = Conv2D(
      input: input, output: pixels, kernel: Extent(rows.taps.count, columns.taps.count),
      stride: .unit, padding: Extent(rows.padding, columns.padding),
      inputChannels: inputChannels, outputChannels: channels, sums: sums)
    let copy = Copy(
      function: "phase", shape: [1, pixels.height, pixels.width, channels],
      sourceStrides: [0, pixels.width * channels, channels, 1],
      destinationStrides: [
        0, stride.height * output.width * channels, stride.width * channels, 1,
      ], start: (y * output.width + x) * channels, outputCount: output.count * channels)
    return Phase(conv: conv, copy: copy)
  }
}

/// The taps of a phase along one axis, in the order of the pixels that they read.
private struct PhaseTaps {
  let taps: [Int]
  /// Before the input.
  let padding: Int
  /// Of the phase's pixels.
  let count: Int

  init?(
    at first: Int, _ padding: Int, _ kernel: Int, _ stride: Int, _ input: Int, _ output: Int
  ) {
    let (place, tap) = (first + padding).quotientAndRemainder(dividingBy: stride)
    guard first < output, tap < kernel else { return nil }
    taps = Array(Swift.stride(from: tap, to: kernel, by: stride).reversed())
    self.padding = taps.count - 1 - place
    count = (output - first + stride - 1) / stride
    guard self.padding >= 0, count + place >= input else { return nil }
  }
}
