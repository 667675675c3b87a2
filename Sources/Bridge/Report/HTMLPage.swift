internal import Files

/// One HTML file that loads nothing: a heading, links to its sections, and the sections.
struct HTMLPage {
  /// What the browser calls it.
  let title: String
  let heading: String
  let sections: [Section]

  /// - Throws: `FileError` where the style sheet is not beside the executable.
  func html() throws(FileError) -> String {
    let folder = try BundledFolder.path(module: "Report")
    func file(_ name: String) throws(FileError) -> Markup {
      Markup(
        stringLiteral: String(decoding: try AtomicFile.read("\(folder)/\(name)"), as: UTF8.self))
    }
    let (style, script) = (try file("page.css"), try file("page.js"))
    let links = sections.map { section -> Markup in
      "<a href=\"#\(section.id)\">\(section.title)</a>\n"
    }
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(style)</style>
      </head>
      <body>
      <header><h1>\(heading)</h1>
      <nav>\(links)</nav></header>
      <main>
      \(sections.map(\.markup))</main>
      <script>
      \(script)</script>
      </body>
      </html>

      """
    return page.text
  }
}

/// One part of the page, with its heading.
struct Section {
  /// What links point at.
  let id: String
  let title: String
  /// How to read it, in a sentence or two.
  let note: String
  let body: Markup

  var markup: Markup {
    """
    <section id="\(id)">
    <h2>\(title)</h2>
    <p class="note">\(note)</p>
    \(body)
    </section>

    """
  }
}
