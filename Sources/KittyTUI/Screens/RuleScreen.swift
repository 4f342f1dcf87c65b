import KittyShared

/// One rule for recurring entries: its next entries, and its days that have come, of which proposals are confirmed or
/// skipped.
struct RuleScreen: Screen {
  private let data: GroupData
  private let id: ID
  private(set) var details: RuleDetails?
  private(set) var selection = ListSelection<Int64>()
  /// `true` while all days are read, up to the first one, which is selected then.
  private var readsToEnd = false
  /// The number of days that are read again, after one of them has changed.
  private var wanted = 0

  init(_ data: GroupData, _ id: ID) {
    self.data = data
    self.id = id
  }

  /// A line of the list: a day that has come, or one that will come.
  private struct Line {
    let k: Int64
    let date: Day
    let words: SafeText
    let style: Style
    let isProposed: Bool
  }

  var title: SafeText { details?.rule.name ?? "Rule" }
  var refresh: [Effect] { [.loadRule(group: data.group.id, rule: id)] }

  /// The reading of the days before those that were read.
  private var older: [Effect] {
    details?.next.map { [.loadDays(group: data.group.id, rule: id, after: $0)] } ?? []
  }

  /// The next entries, soonest last, above the days that have come: one line of time, latest first.
  private var lines: [Line] {
    guard let details else { return [] }
    let planned = details.planned.reversed().map { planned in
      Line(
        k: planned.k, date: planned.date,
        words: planned.isClosed
          ? "closed books: will be skipped" : "\(Amount(planned.entry.amount, planned.entry.currency))",
        style: .muted, isProposed: false)
    }
    let days = details.shown.map { day in
      Line(
        k: day.k, date: day.date, words: day.words, style: day.state == .proposed ? .warning : .normal,
        isProposed: day.state == .proposed)
    }
    return planned + days
  }

  private var numbers: [Int64] { lines.map(\.k) }
  private var selected: Line? { selection.index(in: numbers).map { lines[$0] } }

  var bindings: [Binding] {
    let isProposed = selected?.isProposed == true
    return [
      Binding(
        [.enter, .character("c")], "Enter c", "confirm the proposal: book it", .confirm,
        footer: isProposed ? "confirm" : ""
      ).asking(data.group, for: details.map { .changeRule($0.rule) }),
      Binding(
        [.character("s")], "s", "skip the proposal: it is never booked", .skip,
        footer: isProposed ? "skip" : ""
      ).asking(data.group, for: details.map { .changeRule($0.rule) }),
      Binding(
        [.character("e")], "e", "change the rule from the next entry on", .edit,
        footer: details == nil ? "" : "edit"
      ).asking(data.group, for: details.map { .changeRule($0.rule) }),
      Binding(
        [.character("t")], "t", "try again to book a rule that waits", .another,
        footer: details?.rule.held == nil ? "" : "try again"
      ).asking(data.group, for: details.map { .changeRule($0.rule) }),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let numbers = numbers
    readsToEnd = false
    if selection.move(command, in: numbers, page: list.page(context)) {
      let isAtEnd = ![.up, .pageUp, .top].contains(command) && selection.selected == numbers.last
      readsToEnd = command == .bottom && details?.next != nil
      return isAtEnd ? older.map { .run($0) } : []
    }
    let group = data.group.id
    switch (command, selected, details?.rule) {
    case (.confirm, let line?, _) where line.isProposed:
      return [.run(.confirmOccurrence(group: group, rule: id, line.k))]
    case (.skip, let line?, _) where line.isProposed:
      return [
        .confirm(
          "Skip \(line.date)? There will be no entry for this day.",
          [.run(.skipOccurrence(group: group, rule: id, line.k))])
      ]
    case (.confirm, .some, _), (.skip, .some, _): return [.toast("This day is not a proposal.")]
    case (.edit, _, let rule?):
      return [.push(RecurringForm(data, changing: rule, today: context.today))]
    case (.another, _, let rule?) where rule.held != nil:
      var change = RecurringChange()
      change.held = false
      return [.run(.changeRecurring(group: group, rule: id, version: rule.version, change))]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    let group = data.group.id
    switch message {
    case .rule(group, let found) where found.rule.id == id: return take(found)
    case .days(group, id, let cursor, let days, let next) where cursor == details?.next:
      details?.append(days, next: next)
      return goOn()
    case .recurringSaved(group, let rule) where rule.id == id: return refresh.map { .run($0) }
    case .recurringRemoved(group, id): return [.pop]
    case .proposalDone(group, id, let k, let number):
      details?.decide(k, number == nil ? .skipped : .booked)
      return refresh.map { .run($0) } + [.toast(number.map { "Booked as #\($0)." } ?? "Skipped.")]
    case .failed(.confirmOccurrence(group, id, _), let failure):
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not booked.")))]
    case .failed(.skipOccurrence(group, id, _), let failure):
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not skipped.")))]
    case .failed(.changeRecurring(group, id, _, _), let failure):
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not changed.")))]
    case .failed(.loadRule(group, id), .problem(let problem)) where problem.status == 404: return [.pop]
    case .failed(.loadDays(group, id, _), _): (readsToEnd, wanted) = (false, 0)
    default: break
    }
    return []
  }

  /// Takes the rule with its latest days. The older ones stay.
  private mutating func take(_ found: RuleDetails) -> [Action] {
    let isFirst = details == nil
    wanted = max(wanted, details?.days.count ?? 0)
    details = found.keeping(details)
    guard isFirst else { return goOn() }
    selection.update(numbers)
    // The first proposal, or the soonest entry.
    if let first = lines.last(where: \.isProposed)?.k ?? found.planned.first?.k {
      selection.select(first, in: numbers)
    }
    return []
  }

  /// Reads on while there are days that are wanted.
  private mutating func goOn() -> [Action] {
    // What was selected may be among those that come.
    if !readsToEnd, details?.next != nil, (details?.days.count ?? 0) < wanted {
      return older.map { .run($0) }
    }
    wanted = 0
    selection.update(numbers)
    guard readsToEnd else { return [] }
    _ = selection.move(.bottom, in: numbers, page: 1)
    readsToEnd = details?.next != nil
    return readsToEnd ? older.map { .run($0) } : []
  }

  private var introduction: SafeText {
    guard let details else { return "Loading…" }
    let rule = details.rule
    let end: SafeText =
      rule.until.map { ", until \($0)" } ?? rule.times.map { ", \($0) times" } ?? ""
    var words: SafeText =
      "\(rule.amountText) \(SafeText(rule.every.text)) from \(rule.from) on\(end), in the time of \(SafeText(rule.zone))."
    if let held = rule.held {
      words = "\(words) It waits since \(held.since.day): \(SafeText(held.message))"
    } else if let problem = details.problem {
      words = "\(words) \(SafeText(problem))"
    }
    if details.next != nil {
      // Each number before the next one has a day.
      let total: SafeText = rule.next.map { " of \($0.k)" } ?? ""
      words = "\(words) \(details.shown.count)\(total) days are read; the end of the list reads more."
    }
    return words
  }

  private var list: IntroducedList {
    IntroducedList(words: introduction, count: lines.count, isMore: details?.next != nil)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let lines = lines
    list.view(of: numbers, into: &canvas, rows: rows, selection, context) { visible, _ in
      ListTable(
        columns: [.init(rank: 0), .init(rank: 1, least: 8, fills: true)],
        rows: lines[visible].map { line in
          [.text("\(line.date)", line.style), .text(line.words, line.style)]
        })
    }
  }
}
