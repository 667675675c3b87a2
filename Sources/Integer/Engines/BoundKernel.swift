package import QuantizedIR

/// A kernel with the address of what it reads of its layer. It owns nothing: copies cost no
/// reference counts.
struct BoundKernel: Sendable {
  /// Runs a kernel for one image.
  ///
  /// - Parameters:
  ///   - layer: What the kernel was bound to.
  ///   - b: `a` where there is one operand.
  typealias Function =
    @convention(c) @Sendable (
      _ layer: UnsafeRawPointer, _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>,
      _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  /// Written before the kernel is shared, never after.
  nonisolated(unsafe) let layer: UnsafeRawPointer
  /// Bytes of working memory that the kernel needs.
  let scratchBytes: Int
  /// Whether the output may take the place of an operand that is read value by value. Of other
  /// overlaps nothing is said.
  let worksInPlace: Bool
  let function: Function

  init(
    _ layer: UnsafeRawPointer, scratchBytes: Int = 0, worksInPlace: Bool = false,
    _ function: @escaping Function
  ) {
    self.layer = layer
    self.scratchBytes = scratchBytes
    self.worksInPlace = worksInPlace
    self.function = function
  }

  /// Where an operand lies in this process, and how many bytes of it belong to one image.
  struct Operand {
    let start: UnsafePointer<Int8>
    let imageBytes: Int
  }

  /// Runs the kernel for each of `images`, one behind the other in operands and output.
  func run(
    images: Int, _ a: Operand, _ b: Operand, _ output: UnsafeMutablePointer<Int8>,
    outputBytes: Int, scratch: UnsafeMutableRawPointer
  ) {
    for image in 0..<images {
      function(
        layer, a.start + image * a.imageBytes, b.start + image * b.imageBytes,
        output + image * outputBytes, scratch)
    }
  }
}

extension UnsafeRawPointer {
  /// What a kernel was bound to, as its C declares it.
  func bound<Layer>() -> UnsafePointer<Layer> { assumingMemoryBound(to: Layer.self) }
}

/// What kernels refer to: packed weights, tables and layer structs at aligned addresses that do not
/// move, for C to read, and objects of Swift.
final class PackedMemory {
  private var allocations: [UnsafeMutableRawPointer] = []
  private var objects: [AnyObject] = []

  /// What the fastest kernels like their memory to start at multiples of.
  static let alignment = 64

  deinit {
    for allocation in allocations { allocation.deallocate() }
  }

  /// Uninitialized memory.
  func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let allocation = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count), alignment: Self.alignment)
    allocations.append(allocation)
    return allocation
  }

  /// The address of a copy of `values`.
  func address<Element: BitwiseCopyable>(of values: [Element]) -> UnsafePointer<Element> {
    let copy = bytes(values.count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: values.count)
    copy.initialize(from: values, count: values.count)
    return UnsafePointer(copy)
  }

  /// The address of `object`, which lives as long as this. Nothing counts who refers to it so.
  func keep(_ object: AnyObject) -> UnsafeRawPointer {
    objects.append(object)
    return UnsafeRawPointer(Unmanaged.passUnretained(object).toOpaque())
  }
}

/// One operation bound to a kernel, to run on many images without a model around it.
package final class BoundLayer: Sendable {
  private let kernel: BoundKernel
  /// In bytes.
  private let counts: (inputs: [Int], output: Int)
  /// Owns what `kernel` points into. Written before this is shared, never after.
  nonisolated(unsafe) private let memory: PackedMemory

  private init(_ operation: Operation, _ kernel: BoundKernel, _ memory: PackedMemory) {
    self.kernel = kernel
    counts = operation.byteCounts
    self.memory = memory
  }

  /// `operation` by its definition.
  package static func plain(_ operation: Operation) -> BoundLayer {
    let memory = PackedMemory()
    return BoundLayer(operation, .plain(operation, memory), memory)
  }

  /// `operation`, whose constants have the lengths that its geometry asks for, packed for its fastest
  /// kernel of this machine.
  package static func host(_ operation: Operation) -> BoundLayer {
    let memory = PackedMemory()
    return BoundLayer(
      operation, operation.layer.hostKernel(memory) ?? .plain(operation, memory), memory)
  }

  /// The output codes for the codes of each input, image after image where the tensors hold
  /// several; 0 where the operation writes nothing.
  package func run(_ inputs: [[Int8]]) -> [Int8] {
    let images = inputs[0].count / counts.inputs[0]
    precondition(inputs.map(\.count) == counts.inputs.map { $0 * images })
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, kernel.scratchBytes), alignment: PackedMemory.alignment)
    defer { scratch.deallocate() }
    let last = inputs.count - 1
    var output = [Int8](repeating: 0, count: counts.output * images)
    output.withUnsafeMutableBufferPointer { output in
      inputs[0].withUnsafeBufferPointer { a in
        inputs[last].withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let output = output.baseAddress else {
            return
          }
          kernel.run(
            images: images, BoundKernel.Operand(start: a, imageBytes: counts.inputs[0]),
            BoundKernel.Operand(start: b, imageBytes: counts.inputs[last]), output,
            outputBytes: counts.output, scratch: scratch)
        }
      }
    }
    return output
  }
}
