import KittyShared

/// The balances of all members at the end of a day.
struct BalancesScreen: Screen {
  private let data: GroupData
  private(set) var form: FormFields
  private(set) var balances: [Balance]?
  /// The day of the shown or requested balances.
  private(set) var day: Day
  private var top = 0

  init(_ data: GroupData, today: Day) {
    self.data = data
    day = today
    form = FormFields([.init(name: "at", label: "Day", input: TextField(today.description, limit: 16))])
  }

  var title: SafeText { "Balances" }
  var isEditing: Bool { true }
  var refresh: [Effect] { [.loadBalances(data.group.id, at: day)] }
  var bindings: [Binding] {
    [
      Binding([.enter], "Enter", "the balances at the end of this day", .submit, footer: "show"),
      Binding([.up], "↑", "the day before", .up, footer: "day before"),
      Binding([.down], "↓", "the day after", .down),
      Binding([.pageDown], "PgDn", "down in the list", .pageDown),
      Binding([.pageUp], "PgUp", "up in the list", .pageUp),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let height = listHeight(context)
    let page = max(1, height - 1)
    switch command {
    case .pageDown: top = min(top + page, max(0, (balances ?? []).count - height))
    case .pageUp: top = max(0, top - page)
    case .submit, .up, .down:
      let written: Day
      do throws(Rejection) { written = try form.day("at", today: context.today) } catch {
        form.show(.rejected(error))
        break
      }
      let step: Int64 = command == .up ? -1 : command == .down ? 1 : 0
      day = max(.first, min(.last, Day(daysSince1970: written.daysSince1970 + step)))
      form.fields[0].input.set(day.description)
      form.clearErrors()
      balances = nil
      return refresh.map { .run($0) }
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .balances(data.group.id, day, let balances):
      self.balances = balances.grouped(first: data.group.currency)
    case .failed(.loadBalances(data.group.id, day), let failure): form.show(failure)
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var form = form
    form.sayDay("at", today: context.today)
    let first = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    guard let balances else {
      canvas.draw("Loading the balances…", row: first, column: 2, style: .muted)
      return
    }
    let top = min(top, balances.count)
    let visible = top..<min(balances.count, top + max(0, rows.upperBound - first))
    guard !visible.isEmpty else { return }
    BalanceBars(balances, me: data.group.me).table(visible).draw(
      into: &canvas, rows: first..<rows.upperBound, columns: ListTable.columns(in: context.width))
  }

  /// The rows below the form.
  private func listHeight(_ context: Context) -> Int {
    var canvas = Canvas(width: context.width, height: 0)
    return max(1, context.rows.count - form.view(into: &canvas, row: 0, width: context.width) - 1)
  }
}
