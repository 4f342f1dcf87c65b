import KittyShared

/// The choice of the account through which all payments of a settlement go, shown over the plan.
struct CentreChoice: Sendable {
  /// The accounts; `nil` stands for as few payments as possible.
  let options: [LedgerAccount?]
  private(set) var selection = ListSelection<LedgerAccount?>()

  init(_ data: GroupData, at centre: LedgerAccount?) {
    let me = data.group.me
    let others = data.present.map(\.id).filter { $0 != me }
    options = [nil, .member(me)] + others.map { .member($0) } + [.kitty]
    selection.select(centre, in: options)
  }

  /// The selected option.
  var chosen: LedgerAccount? { selection.index(in: options).flatMap { options[$0] } }

  static let bindings: [Binding] =
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "all payments through this one", .open,
        footer: "take it")
    ] + Binding.moving + Binding.leaving

  mutating func move(_ command: Command, _ context: Context) -> Bool {
    selection.move(command, in: options, page: max(1, context.rows.count - 3))
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ data: GroupData, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let first = canvas.drawIntroduction(
      "All payments can go through one account, such as a person who collects the money.", rows: rows,
      listing: options.count)
    let list = first..<max(first, rows.upperBound)
    let visible = selection.visible(in: options, height: list.count)
    ListTable(
      columns: [.init(rank: 0, least: 12, fills: true)],
      rows: options[visible].map { option in
        [.text(option.map { "through \(data.person($0))" } ?? "as few payments as possible")]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: options).map { $0 - visible.lowerBound })
  }
}
