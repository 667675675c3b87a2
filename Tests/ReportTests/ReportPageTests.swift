import Evaluation
import Foundation
import Report
import TestSupport
import Testing

/// The page, made of a model whose every name is an attack.
@Suite struct ReportPageTests {
  private static let attack = "</title><script>alert('x')</script>&\"\u{202E}"
  private let page: String

  init() async throws {
    let folder = try TemporaryFolder()
    let labels = ["cat", Self.attack, "dog"]
    let model = ScoreNetworks.model(channels: 3, name: Self.attack, labels: labels, other: [9: -9])
    let comparison = try Comparison(ScoreNetworks.graph(channels: 3), model)
    let records = try ScoreNetworks.records(
      [[5, 1, 1], [1, 5, 1], [1, 1, 9], [9, 1, 2]], labels: [0, 1, 2, 1], in: folder)
    let result = try await comparison.run(records, at: [0, 1, 2, 3], threads: 1) { _, _ in }
    let changed = result.predictions.filter { $0.float != $0.int8 }
    var report = Report(
      model: model, footprint: Footprint(float: 36, constants: 256, arena: 6), comparison: result,
      ownErrors: result.layers,
      ladder: [
        LadderStep(name: Self.attack, images: 4, top1: 0.5, agreement: 1, sqnrDB: nil, seconds: nil)
      ],
      calibration: nil,
      changed: changed.map { ChangedImage(prediction: $0, thumbnail: [1, 2, 3]) },
      notes: [Self.attack], commands: ["mnquant report --out '\(Self.attack)'"])
    report.arenas = [
      ArenaChoice(bytes: 6, instructions: 1, takesRows: false),
      ArenaChoice(bytes: 4, instructions: 1.5, takesRows: true),
    ]
    page = try report.html()
  }

  @Test func loadsNothing() {
    #expect(page.hasPrefix("<!doctype html>"))
    for mark in [
      "http:", "https:", "//cdn", "@import", "url(", "<link rel=\"stylesheet\"", "<iframe",
    ] {
      #expect(!page.contains(mark), "\(mark)")
    }
    let sources = page.matches(of: /src="([^"]*)"/).map { String($0.1) }
    // Three bytes in base 64.
    #expect(sources == ["data:image/png;base64,AQID", "data:image/png;base64,AQID"])
    // One script, the page's own.
    #expect(page.matches(of: /<script/).count == 1)
  }

  @Test func escapesEveryName() {
    #expect(!page.contains("alert('x')"))
    #expect(!page.contains("\u{202E}"))
    let escaped =
      "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\\u{202E}"
    // Title, heading, label, step, note, command and source.
    #expect(page.components(separatedBy: escaped).count - 1 >= 7)
  }

  @Test func saysWhatWasCompared() {
    #expect(page.contains("<b>75.00 %</b><span>float top-1</span>"))
    #expect(page.contains("<b>50.00 %</b><span>int8 top-1</span>"))
    #expect(page.contains("<b>50.00 %</b><span>agreement</span>"))
    for section in [
      "headline", "ladder", "layers", "confusion", "changed", "arenas", "provenance",
    ] {
      #expect(page.contains("<section id=\"\(section)\">"), "\(section)")
      #expect(page.contains("<a href=\"#\(section)\">"), "\(section)")
    }
  }
}
