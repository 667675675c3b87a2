import Foundation
import TestSupport
import Testing

/// The page of `mnquant report`, as bytes and as a browser shows it.
@Suite struct ReportTests {
  private let folder: TemporaryFolder
  private let page: String

  private static let reported = Result {
    try Prepared.make { folder in
      try folder.copy(try Prepared.quantized.get())
      return [
        [
          "report", "--out", "r&d.html", "--split", "train", "--own-errors", "4", "--ladder", "0",
        ]
      ]
    }
  }

  init() throws {
    folder = try TemporaryFolder(like: Self.reported)
    page = String(decoding: try #require(folder.read("r&d.html")), as: UTF8.self)
  }

  @Test func holdsEverySectionAndLoadsNothing() throws {
    for section in [
      "headline", "layers", "confusion", "memory", "tensors", "weights", "provenance",
    ] {
      #expect(page.contains("<section id=\"\(section)\">"), "\(section)")
    }
    #expect(!page.contains("http"))
    #expect(!page.contains("<link rel=\"stylesheet\"") && !page.contains("<script src"))
    #expect(page.contains("report --out &#39;r&amp;d.html&#39;"))
    let rows = page.components(separatedBy: "<td class=\"text\" data-value").count
    #expect(rows > 60)
  }

  @Test func showsTheRecipeStepByStepOnRequest() throws {
    #expect(!page.contains("<section id=\"ladder\">"))
    let report = try folder.run("report", "--out", "steps.html", "--ladder", "4", "--json")
    #expect(report.status == 0, "\(report.errors)")
    #expect(try report.json()["file"] as? String == "steps.html")
    let steps = String(decoding: try #require(folder.read("steps.html")), as: UTF8.self)
    #expect(steps.contains("<section id=\"ladder\">") && steps.contains(">min/max</td>"))
    #expect(steps.contains(">+ bias correction</td>") && steps.contains("on 4 images"))
  }

  @Test func accuracyIsThatOfCompare() throws {
    let outcome = try folder.run("compare", "--data", "data", "--split", "train")
    let line = try #require(
      outcome.output.split(separator: "\n").first { $0.hasPrefix("int8 top-1") })
    let share = try #require(line.firstMatch(of: /([0-9.]+)%/)).1
    #expect(page.contains("<b>\(share) %</b><span>int8 top-1</span>"))
  }

  @Test func needsImages() throws {
    let empty = try TemporaryFolder()
    let outcome = try empty.run("report", "--out", "page.html")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("mnquant calibrate"))
    #expect(empty.read("page.html") == nil)
  }

  @Test(
    .enabled(if: Browser.isInstalled, "there is no chromium; `make test` installs it"),
    arguments: [400, 1200])
  func sortsInABrowserWithoutComplaint(width: Int) throws {
    // What a reader does, and what they would see then.
    let script = """
      <script>
      const table = document.querySelector("#layers table");
      const values = (column) =>
        [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.value);
      const before = values(1);
      const button = table.tHead.rows[0].cells[3].querySelector("button");
      button.click();
      const ascending = values(3);
      button.click();
      const result = {
        before, ascending, descending: values(3),
        sort: table.tHead.rows[0].cells[3].getAttribute("aria-sort"),
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      };
      document.body.innerHTML = "<pre id=result>" + JSON.stringify(result) + "</pre>";
      </script>
      """
    try folder.write(Array((page + script).utf8), to: "tried.html")
    let outcome = try Browser.dump(folder.url.appending(path: "tried.html"), width: width)
    #expect(!outcome.log.contains("CONSOLE"), "\(outcome.log)")
    let json = try #require(outcome.document.firstMatch(of: /<pre id="result">(.*?)<\/pre>/)).1
    let result = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    func numbers(_ key: String) -> [Double] {
      (result[key] as? [Any] ?? []).compactMap { ($0 as? String).flatMap(Double.init) }
    }
    #expect(numbers("before").count > 30 && numbers("before") == numbers("before").sorted())
    #expect(
      numbers("ascending").count > 30 && numbers("ascending") == numbers("ascending").sorted())
    #expect(numbers("descending") == numbers("ascending").sorted(by: >))
    #expect(result["sort"] as? String == "descending")
    #expect(result["overflow"] as? Int == 0)
  }
}
