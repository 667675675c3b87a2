internal import Files
internal import FoundationEssentials
private import Glibc

/// A serial line to firmware that `emit-c --validate` wrote: a terminal device, or a socket that an
/// emulator listens at. Twin of the other end: `validate.c`.
///
/// A frame is bytes without zeros (COBS), then a zero. Inside, in little-endian order: a kind, the number
/// of the request, data, and the CRC-32 of all that. Whoever reads skips what is no whole frame, and each
/// request may come twice, so that what a line drops, doubles or garbles costs time alone.
struct BoardLine: ~Copyable {
  private let path: String
  private let descriptor: Int32
  /// What came in, from the last zero on.
  private var incoming: [UInt8] = []
  private var number = UInt32.random(in: 0 ... .max)
  /// How many requests were sent again.
  private(set) var repeats = 0

  /// What a request or its answer is.
  enum Kind: UInt8 {
    case hello = 0x48
    case write = 0x57
    case run = 0x52
    case read = 0x4F
    case rows = 0x4C
    /// An answer: the image is not there, or not whole.
    case again = 0x3F
  }

  /// Data bytes of the longest frame.
  static let mostData = 224

  /// How often a request is sent until nobody answers.
  private static let mostTries = 20

  /// Opens the line. A terminal is made raw, at `baud`.
  init(_ path: String, baud: Int) throws(LineError) {
    let descriptor = try Self.opened(path)
    if isatty(descriptor) == 1, let reason = Self.makeRaw(descriptor, baud) {
      close(descriptor)
      throw .cannotOpen(path, reason: reason)
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Sends a request until its answer comes.
  ///
  /// - Parameter seconds: How long one answer may take.
  /// - Throws: `LineError.noAnswer`, `.closed`.
  mutating func answer(
    to kind: Kind, _ words: [UInt32] = [], _ data: ArraySlice<UInt8> = [],
    within seconds: Double = 1
  ) throws(LineError) -> (kind: Kind, data: [UInt8]) {
    number &+= 1
    let frame = Frame.encoded([kind.rawValue] + Frame.bytes([number] + words) + data)
    for attempt in 0..<Self.mostTries {
      if attempt > 0 { repeats += 1 }
      try send(frame)
      let deadline = Self.now + seconds
      while let content = try receive(before: deadline) {
        // Others are late answers to requests that were sent again.
        guard content.count >= 5, Frame.word(content, 1) == number,
          let kind = Kind(rawValue: content[0])
        else { continue }
        return (kind, Array(content.dropFirst(5)))
      }
    }
    throw .noAnswer(path, tries: Self.mostTries)
  }

  /// The content of the next whole frame; `nil` where none comes in time.
  private mutating func receive(before deadline: Double) throws(LineError) -> [UInt8]? {
    while true {
      while let zero = incoming.firstIndex(of: 0) {
        let content = Frame.decoded(incoming[..<zero])
        incoming.removeSubrange(...zero)
        if let content { return content }
      }
      guard try wait(for: POLLIN, before: deadline) else { return nil }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 {
        incoming += bytes.prefix(count)
        // Noise without an end is no frame.
        if incoming.count > 1 << 16 { incoming.removeAll() }
      } else if count == 0 || ![EAGAIN, EINTR].contains(errno) {
        throw .closed(path)
      }
    }
  }

  private func send(_ frame: [UInt8]) throws(LineError) {
    var rest = frame[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        guard try wait(for: POLLOUT, before: Self.now + 5) else { throw .noAnswer(path, tries: 1) }
      } else if errno != EINTR {
        throw .closed(path)
      }
    }
  }

  /// Whether the line is ready before the deadline.
  private func wait(for events: Int32, before deadline: Double) throws(LineError) -> Bool {
    while true {
      let left = deadline - Self.now
      guard left > 0 else { return false }
      var poll = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let ready = Glibc.poll(&poll, 1, Int32(min(left * 1000, 1e6).rounded(.up)))
      if ready > 0 {
        guard Int32(poll.revents) & events != 0 else { throw .closed(path) }
        return true
      }
      if ready < 0, errno != EINTR { throw .closed(path) }
    }
  }

  /// Seconds of a clock that nobody sets.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension BoardLine {
  private static func opened(_ path: String) throws(LineError) -> Int32 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .cannotOpen(path, reason: reason()) }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      guard status.st_mode & S_IFMT == S_IFCHR else {
        throw .cannotOpen(path, reason: "it is neither a terminal nor a socket")
      }
      let descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { throw .cannotOpen(path, reason: reason()) }
      return descriptor
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .cannotOpen(path, reason: "the socket's name is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else {
      let reason = reason()
      if descriptor >= 0 { close(descriptor) }
      throw .cannotOpen(path, reason: reason)
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  /// Why a terminal cannot be made raw; `nil` where it is now.
  private static func makeRaw(_ descriptor: Int32, _ baud: Int) -> String? {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return reason() }
    guard let speed = speeds[baud] else {
      return "no terminal does \(baud) baud; choose one of "
        + speeds.keys.sorted().map(String.init).joined(separator: ", ")
    }
    cfmakeraw(&settings)
    cfsetspeed(&settings, speed_t(speed))
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
    guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else { return reason() }
    tcflush(descriptor, TCIOFLUSH)
    return nil
  }

  private static let speeds: [Int: Int32] = [
    9600: Int32(B9600), 19_200: Int32(B19200), 38_400: Int32(B38400), 57_600: Int32(B57600),
    115_200: Int32(B115200), 230_400: Int32(B230400), 460_800: Int32(B460800),
    921_600: Int32(B921600), 1_000_000: Int32(B1000000), 2_000_000: Int32(B2000000),
  ]

  private static func reason() -> String { String(cString: strerror(errno)) }
}

/// The form of frames.
enum Frame {
  /// `content` with its checksum, as it goes over the line: between zeros, so that noise before it is told
  /// from it.
  static func encoded(_ content: [UInt8]) -> [UInt8] {
    let sound = content + bytes([checksum(content)])
    var (frame, block): ([UInt8], [UInt8]) = ([0], [])
    for byte in sound {
      if byte != 0 { block.append(byte) }
      if byte == 0 || block.count == 254 {
        frame += [UInt8(block.count + 1)] + block
        block = []
      }
    }
    return frame + [UInt8(block.count + 1)] + block + [0]
  }

  /// The content of what lay between zeros; `nil` where that is no whole frame.
  static func decoded(_ frame: ArraySlice<UInt8>) -> [UInt8]? {
    var (content, rest): ([UInt8], ArraySlice<UInt8>) = ([], frame)
    while let code = rest.first {
      guard code > 0, rest.count >= Int(code) else { return nil }
      content += rest.dropFirst().prefix(Int(code) - 1)
      rest = rest.dropFirst(Int(code))
      if code != 255, !rest.isEmpty { content.append(0) }
    }
    guard content.count > 4 else { return nil }
    let sound = Array(content.dropLast(4))
    return word(content, sound.count) == checksum(sound) ? sound : nil
  }

  static func bytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  /// The word that begins at `index`, which is there.
  static func word(_ bytes: [UInt8], _ index: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * $1) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = CRC32()
    checksum.update(bytes)
    return checksum.value
  }
}

/// What is wrong with a line, or with who is at its other end.
enum LineError: Error, Hashable {
  case cannotOpen(String, reason: String)
  case closed(String)
  case noAnswer(String, tries: Int)
  /// The other end speaks another version of the protocol.
  case version(String, found: UInt32)
  /// The firmware is of another network, or its tables are damaged.
  case network(String, expected: UInt32, found: UInt32)
  /// The firmware's `mnq_status`.
  case status(String, UInt32)
  /// An image went lost so often, as where a board resets.
  case restarts(String, image: Int, count: Int)
}

extension LineError: CustomStringConvertible {
  var description: String {
    switch self {
    case .cannotOpen(let path, let reason): "\(path): cannot be opened: \(reason)"
    case .closed(let path):
      "\(path): the line was closed while firmware was expected to answer; connect the board again"
    case .noAnswer(let path, let tries):
      "\(path): nobody answered \(tries) requests; flash what emit-c --validate wrote, and check --baud"
    case .version(let path, let found):
      "\(path): the firmware speaks version \(found) of the protocol, expected 1; emit it again"
    case .network(let path, let expected, let found):
      "\(path): the firmware's checksum is \(found), expected \(expected): it is of another network, "
        + "target or --arena-limit, or its flash is damaged; flash what emit-c --validate writes now"
    case .status(let path, let status):
      "\(path): the firmware does not run: net_run_row returned \(status); mnq_runtime.h says what that is"
    case .restarts(let path, let image, let count):
      "\(path): the board forgot image \(image) \(count) times while it was at work, as one that resets; "
        + "look at its power and its watchdog"
    }
  }
}
