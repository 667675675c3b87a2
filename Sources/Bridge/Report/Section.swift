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
