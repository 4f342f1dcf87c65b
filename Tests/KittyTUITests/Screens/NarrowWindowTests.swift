import KittyShared
import Testing

@testable import KittyTUI

/// Every screen at every width from the smallest: a number on it is one of the numbers of the wide screen, whole and
/// apart from its neighbours, and no text is drawn over another.
struct NarrowWindowTests {
  @Test(arguments: GoldenScreen.all.map(\.name) + NarrowStates.all.map(\.name))
  func numbersAreWholeAtEveryWidth(name: String) throws {
    let screen = try #require((GoldenScreen.all + NarrowStates.all).first { $0.name == name })
    var state = screen.state()
    let truth = Set(Self.numbers(on: Self.canvas(&state, 250, 90)))
    for width in 20...80 {
      for height in [8, 11, 24] {
        let canvas = Self.canvas(&state, width, height)
        let wrong = Self.numbers(on: canvas).filter { !truth.contains($0) }
        #expect(wrong.isEmpty, "\(name) at \(width)×\(height):\n\(canvas.text)")
        #expect(canvas.overdrawn == 0, "\(name) at \(width)×\(height):\n\(canvas.text)")
        guard wrong.isEmpty, canvas.overdrawn == 0 else { return }
      }
    }
  }

  @Test func amountsStandInTheirRowsAtTheSmallestSize() {
    var state = Fixtures.openGroup()
    let group = Self.canvas(&state, 20, 8).text
    #expect(group.contains("+66.67 EUR") && group.contains("148.08 EUR"))
    state.type("s")
    state.get(
      .plan(
        group: Fixtures.group().id,
        SettlementPlan(
          payments: [
            Transfer(
              from: .member(Fixtures.members[1].id), to: .member(Fixtures.members[2].id), amount: 57_772,
              currency: Fixtures.eur)
          ], methods: [.init(currency: Fixtures.eur, method: .fewest)])))
    #expect(Self.canvas(&state, 20, 8).text.contains("577.72 EUR"))
  }

  /// Below the smallest size nothing of the screen is drawn, but its keys still work.
  @Test(arguments: GoldenScreen.all.map(\.name) + NarrowStates.all.map(\.name))
  func keysWorkInAWindowOfAnySize(name: String) throws {
    let screen = try #require((GoldenScreen.all + NarrowStates.all).first { $0.name == name })
    for (width, height) in [(1, 1), (3, 2), (19, 7), (1, 40), (130, 1)] {
      var state = screen.state()
      _ = Self.canvas(&state, width, height)
      for key in Set(state.top.bindings.flatMap(\.keys)).union([.character("1"), .enter, .pageDown]) {
        var pressed = state
        pressed.press(key, key)
        #expect(pressed.view().cells.count == height, "\(key)")
      }
    }
  }

  private static func canvas(_ state: inout AppState, _ width: Int, _ height: Int) -> Canvas {
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    return state.view()
  }

  /// The words with an amount, without the marks around them. In the field that is being edited a longer text scrolls.
  private static func numbers(on canvas: Canvas) -> [String] {
    canvas.cells.enumerated().flatMap { row, cells in
      String(cells.compactMap { $0.style == .field && canvas.cursor?.row == row ? "_" : $0.character })
        .split(whereSeparator: { " |│".contains($0) })
        .map {
          String(
            $0.drop { "\"'(‹[".contains($0) }.reversed().drop { "\"'.,:;?!)…›]".contains($0) }.reversed())
        }
        .filter { word in word.contains(where: \.isNumber) && word.contains { ".,".contains($0) } }
    }
  }
}

/// States with large amounts, long names and several currencies.
enum NarrowStates {
  static let all: [GoldenScreen] = [
    .init("large-group") { group() },
    .init("large-group-members") {
      var state = group()
      state.press(.tab)
      return state
    },
    .init("large-group-filter") {
      var state = group()
      state.type("/1")
      return state
    },
    .init("large-group-delete") {
      var state = group()
      state.type("d")
      return state
    },
    .init("large-groups") {
      var state = Fixtures.state(GroupsScreen())
      state.get(
        .groups([
          Fixtures.group("Holiday", number: 91, net: -99_999_999_999_99),
          Fixtures.group("2026 2027 2028 2029", number: 92, net: 123_456_789),
          Fixtures.group("Settled", number: 93, net: 0),
        ]))
      return state
    },
    .init("large-settle") {
      var state = group()
      state.type("s")
      state.get(
        .plan(
          group: Fixtures.group().id,
          SettlementPlan(
            payments: transfers, methods: [.init(currency: Fixtures.eur, method: .fewest)])))
      return state
    },
    .init("large-debts") {
      var state = group()
      state.type("sd")
      state.get(.debts(group: Fixtures.group().id, transfers))
      return state
    },
    .init("large-statement") {
      var state = group()
      let account = LedgerAccount.member(Fixtures.members[0].id)
      state.perform(StatementScreen(Fixtures.data, of: account))
      let lines = Fixtures.expenses.map {
        Statement.Line(
          entry: $0.id, number: $0.number * 100_000, date: $0.date, kind: .expense,
          description: $0.description, paid: $0.amount * 99_999, share: 12_345, balance: 9_876_543_210_12)
      }
      state.get(
        .statement(
          .loadStatement(group: Fixtures.group().id, account: account, currency: nil, cursor: nil),
          Statement(
            account: account, currency: Fixtures.eur, currencies: [Fixtures.eur], opening: -123_456_789,
            lines: lines, closing: 9_876_543_210_12, next: nil)))
      return state
    },
    .init("large-kitty") {
      var state = group()
      state.type("i")
      state.get(
        .kitty(
          group: Fixtures.group().id,
          Kitty(
            holds: [
              Money(amount: 1_234_567_89, currency: Fixtures.eur),
              Money(amount: -98_765_432_1, currency: Currency(code: "KWD")!),
            ],
            targets: [
              .init(
                member: Fixtures.members[0].id, currency: Fixtures.eur, target: 10_000_000_00,
                contributed: 9_999_999_99)
            ])))
      return state
    },
    .init("large-expense") { expense() },
    .init("large-expense-exact") {
      var state = expense()
      state.press(.tab, .tab, .tab, .right, .right, .right, .tab)
      state.type("1234567.89")
      state.press(.tab)
      return state
    },
    .init("large-expense-several") {
      var state = expense()
      state.press(.tab, .tab, .left, .left, .tab)
      state.type("1234567.89")
      state.press(.tab)
      return state
    },
    .init("large-payment") {
      var state = group()
      state.type("y")
      state.press(.tab, .tab)
      state.type("1234567.89")
      state.press(.tab, .control("u"))
      state.type("JPY")
      state.press(.control("o"))
      state.type("0,0061")
      return state
    },
    .init("large-count-entry") {
      var state = Fixtures.openGroup()
      var data = Fixtures.data
      let (counted, money) = (Amount(8950, Fixtures.eur), Amount(50, Fixtures.eur))
      data.entries.insert(
        entry(
          EntryContent(
            kind: .count, description: "Cash count", amount: money, rate: nil, booked: money,
            date: Day("2026-11-24")!, note: nil, counted: counted.minorUnits, expected: 9000),
          number: 13), at: 0)
      state.get(.group(data))
      return state
    },
  ]

  private static let transfers: [Transfer] = {
    let people = Fixtures.members.map { LedgerAccount.member($0.id) }
    return [
      Transfer(from: people[2], to: people[3], amount: 1_234_567_890_12, currency: Fixtures.eur),
      Transfer(from: people[1], to: people[2], amount: 57_772, currency: Fixtures.eur),
      Transfer(from: .kitty, to: people[3], amount: 500, currency: Currency(code: "JPY")!),
    ]
  }()

  private static func group() -> AppState {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    let nets: [(Int, Int64, String)] = [
      (0, 57_772, "EUR"), (1, -48_142, "EUR"), (2, -99_999_999_999_99, "EUR"), (3, 1_286, "JPY"),
      (0, 10_582, "KWD"),
    ]
    data.balances =
      nets.map { member, net, code in
        Balance(
          account: .member(Fixtures.members[member].id), name: Fixtures.members[member].name,
          currency: Currency(code: code)!, paid: max(0, net), share: max(0, -net))
      } + [Balance(account: .kitty, name: "Kitty", currency: Fixtures.eur, paid: 0, share: 8_950)]
    data.group = Fixtures.group(closedUntil: Day("2026-03-31"))
    data.entries = Fixtures.expenses.map { old in
      var content = old.content
      content.amount *= 1_000_003
      content.description = "12 x 34.50 and \(old.description)"
      return entry(content, number: old.number)
    }
    state.get(.group(data))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  private static func entry(_ content: EntryContent, number: Int64) -> Entry {
    Entry(
      id: Fixtures.id(100 + number), number: number, content: content, createdBy: Fixtures.members[0].id,
      createdAt: Instant(milliseconds: 0), changedAt: Instant(milliseconds: 0), deletedAt: nil,
      commentCount: 0, version: 1)
  }

  private static func expense() -> AppState {
    var state = group()
    state.type("aTaxi")
    state.press(.tab)
    state.type("1234567890.12")
    return state
  }
}
