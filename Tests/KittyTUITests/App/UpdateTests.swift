import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// Updates of the state by keys and messages.
struct UpdateTests {
  private let group = Fixtures.group()

  @Test func aUsualExpenseIsTwoWordsAndTwoEnters() throws {
    let (state, effect) = Fixtures.writeExpense()
    guard case .createExpense(group.id, let expense) = try #require(effect) else {
      Issue.record("\(String(describing: effect))")
      return
    }
    #expect(expense.description == "Dinner" && expense.amount == .minorUnits(10_000))
    #expect(expense.payer?.member == group.me && expense.participants == Fixtures.members.map(\.id))
    #expect(expense.id == Fixtures.id(777) && expense.date?.description == "2026-11-24")
    // The preview is what the server will store for this id.
    for share in try Split.equally(Fixtures.members.map(\.id)).shares(of: 10_000, seed: Fixtures.id(777)) {
      #expect(state.text.contains("\(Amount(share.amount, Fixtures.eur).text()) EUR"))
    }
  }

  @Test func enterTwiceSendsOnce() throws {
    var (state, effect) = Fixtures.writeExpense()
    #expect(effect != nil)
    #expect(state.press(.enter).isEmpty)
    #expect(state.press(.control("s")).isEmpty)
    // Once it has failed it may be sent again, with the same id.
    state.get(.failed(try #require(effect), .offline("Away.")))
    state.finish(try #require(effect))
    #expect(state.text.contains("Not saved. Away."))
    #expect(state.text.contains("Dinner") && state.text.contains("100"))
    #expect(state.press(.control("s")) == [try #require(effect)])
  }

  @Test func errorsLandOnTheirFields() throws {
    var (state, effect) = Fixtures.writeExpense()
    let problem = Problem(.invalid("amount", "too_large", "An amount must be at most so much."))
    state.get(.failed(try #require(effect), .problem(problem)))
    #expect(state.text.contains("An amount must be at most so much."))
    #expect(state.view().cursor?.row == 3)
  }

  @Test func longToastIsWrapped() {
    let words =
      "It was not removed since Bob owes 33.33 EUR. Enter a payment of it first, then remove Bob here."
    var state = Fixtures.openGroup()
    state.get(.failed(.deleteEntry(group: group.id, entry: group.id), .unreadable(words)))
    func isWhole(_ width: Int, _ height: Int) -> Bool {
      _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
      let text = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      return text.contains("Not deleted. \(words)")
    }
    #expect(isWhole(120, 40) && isWhole(60, 20) && isWhole(40, 15))
    // In the smallest window the list has the room.
    #expect(!isWhole(40, 8) && state.text.contains("…"))
  }

  @Test func ambiguousAmountIsRejected() {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.enter)
    state.type("1,234")
    #expect(state.press(.enter).isEmpty)
    #expect(state.text.contains("could mean 1234 or 1.234"))
  }

  @Test func leavingAsksOnlyWhenSomethingWouldBeLost() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.press(.escape)
    #expect(state.screens.count == 2)
    state.type("aDinner")
    state.press(.escape)
    #expect(state.question != nil && state.screens.count == 3)
    state.type("n")
    #expect(state.question == nil && state.screens.count == 3)
    state.press(.escape)
    state.type("y")
    #expect(state.screens.count == 2)
  }

  @Test func deletingNamesTheThingAndItsAmountAndDefaultsToNo() {
    var state = Fixtures.openGroup()
    state.type("d")
    #expect(state.text.contains("#12") && state.text.contains("148.08 EUR"))
    #expect(state.press(.enter).isEmpty)
    #expect(state.question == nil)
    state.type("d")
    #expect(state.type("y") == [.deleteEntry(group: group.id, entry: Fixtures.expenses[0].id)])
  }

  @Test func editedRetryChangesTheSavedEntry() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .uncertain("The connection broke.")))
    state.finish(sent)
    #expect(state.text.contains("It may have been saved. ^S again is"))
    #expect(!state.text.contains("Not saved"))
    state.type("0")
    let retry = try #require(state.press(.control("s")).first)
    var stored = Fixtures.expenses[0]
    stored = Entry(
      id: Fixtures.id(777), number: 13, content: stored.content, createdBy: stored.createdBy,
      createdAt: stored.createdAt, changedAt: stored.createdAt, deletedAt: nil, commentCount: 0, version: 3)
    state.get(.failed(retry, .savedBefore(stored)))
    state.finish(retry)
    #expect(state.text.contains("Your first version was saved: \"Dinner\", 148.08 EUR."))
    guard case .changeExpense(_, Fixtures.id(777), 3, let change) = state.press(.control("s")).first else {
      Issue.record("\(state.context.running)")
      return
    }
    #expect(change.amount == .minorUnits(100_000))
  }

  @Test func searchContinuesInOlderEntries() throws {
    var state = Fixtures.state(GroupScreen(group))
    var data = Fixtures.data
    data.entries = Array(Fixtures.expenses.prefix(10))
    data.next = "c1"
    state.get(.group(data))
    let load = Effect.loadEntries(group: group.id, after: "c1")
    #expect(state.type("/#2") == [load])
    #expect(state.text.contains("Not in the latest 10 entries. Searching older ones…"))
    // Nothing there yet: it goes on by itself.
    let next = Effect.loadEntries(group: group.id, after: "c2")
    #expect(state.get(.entries(group: group.id, after: "c1", [Fixtures.expenses[11]], next: "c2")) == [next])
    state.finish(load)
    state.get(.entries(group: group.id, after: "c2", [Fixtures.expenses[10]], next: nil))
    state.finish(next)
    #expect(state.text.contains("#2") && state.text.contains("1 of 12"))
    // New data is joined with the entries loaded before.
    state.get(.group(data))
    #expect(state.text.contains("1 of 12"))
  }

  @Test func endOfTheListLoadsTheNextPage() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.next = "c1"
    state.get(.group(data))
    #expect(state.press(.end) == [.loadEntries(group: group.id, after: "c1")])
    #expect(state.press(.up) == [])
  }

  @Test func savedEntryIsSelected() {
    var (state, _) = Fixtures.writeExpense()
    state.get(.stored(group: group.id, Fixtures.expenses[4]))
    state.get(.entered)
    state.get(.group(Fixtures.data))
    #expect(state.text.contains("> 18 Nov  #8"))
  }

  @Test func helpWorksInATextFieldAndShowsAllKeys() {
    var state = Fixtures.state(SignInScreen())
    state.press(.f1)
    #expect(state.showsHelp)
    state.press(.enter)
    #expect(!state.showsHelp && state.top is SignInScreen)
    state = Fixtures.openGroup()
    _ = state.update(.resized(width: 40, height: 15), at: Fixtures.start)
    state.type("?")
    var seen = state.text
    for _ in 0..<60 {
      state.press(.down)
      seen += state.text
    }
    #expect(state.showsHelp && !seen.contains("…"))
    for word in ["add an expense", "last line", "this help"] { #expect(seen.contains(word)) }
    // A line of a form on which one chooses takes no text.
    state = Fixtures.openGroup()
    state.type("y?")
    #expect(state.showsHelp)
  }

  @Test func toastEndsWithTheNextScreen() {
    var state = Fixtures.openGroup()
    state.get(.entryDeleted(Fixtures.expenses[0].id))
    #expect(state.text.contains("Deleted. Press u to restore it."))
    state.type("a")
    #expect(!state.text.contains("Deleted. Press u to restore it."))
  }

  @Test func longNameIsCutBeforeTheResult() {
    var state = Fixtures.openGroup()
    _ = state.update(.resized(width: 40, height: 15), at: Fixtures.start)
    state.type("a" + String(repeating: "Dinner ", count: 20))
    state.press(.enter)
    state.type("1")
    let effect = state.press(.control("s")).first
    state.get(.entered)
    #expect(effect != nil && state.text.contains("…\" is saved."))
  }

  @Test func aLongBalanceIsNeverHidden() {
    var state = Fixtures.state(GroupsScreen(), width: 40, height: 15)
    state.get(.groups([Fixtures.group("Flat 12 in the old town", number: 90, net: -123_456_789_012)]))
    #expect(state.text.contains("-1,234,567,890.12 EUR") || state.text.contains("-1234567890.12 EUR"))
  }

  @Test func tinyWindowShowsAMessage() {
    var state = Fixtures.state(GroupsScreen(), width: 12, height: 5)
    state.get(.groups([]))
    #expect(state.text.contains("Make this\nwindow\nlarger."))
  }

  @Test func interruptAsksBeforeInputIsLost() {
    var (state, effect) = Fixtures.writeExpense()
    if let effect { state.finish(effect) }
    #expect(state.update(.interrupt, at: Fixtures.start) == [])
    #expect(state.text.contains("Leave without saving your changes?"))
    state.type("n")
    #expect(state.top is ExpenseForm)
    #expect(state.update(.interrupt, at: Fixtures.start) == [])
    let effects = state.update(.interrupt, at: Fixtures.start)
    #expect(effects.last == .quit && effects.allSatisfy { $0 == .quit || $0.draftWork != nil })
  }

  @Test func offlineStateKeepsTheDataAndReconnects() {
    var state = Fixtures.openGroup()
    let load = Effect.loadGroup(group.id)
    state.get(.failed(load, .offline("Cannot reach it.")))
    state.finish(load)
    #expect(state.text.contains("Offline. Next try within 30 s (r: now)."))
    #expect(state.text.contains("Dinner") && state.text.contains("+66.67 EUR"))
    // The first pause is a second, the next two.
    #expect(state.update(.tick, at: Fixtures.start + .milliseconds(500)).isEmpty)
    #expect(state.update(.tick, at: Fixtures.start + .seconds(1)) == [load])
    _ = state.update(.message(.failed(load, .offline("Cannot reach it."))), at: Fixtures.start + .seconds(1))
    state.finish(load)
    #expect(state.update(.tick, at: Fixtures.start + .milliseconds(2500)).isEmpty)
    #expect(state.update(.tick, at: Fixtures.start + .seconds(3)) == [load])
    state.get(.group(Fixtures.data))
    #expect(!state.text.contains("Offline"))
  }

  @Test func theSelectionStaysOnItsExpenseWhenNewOnesCome() {
    var state = Fixtures.openGroup()
    state.press(.down, .down)
    #expect(state.text.contains("> 20 Nov  #10"))
    var data = Fixtures.data
    let first = Fixtures.expenses[0]
    let newer = Entry(
      id: Fixtures.id(300), number: 13, content: first.content, createdBy: first.createdBy,
      createdAt: first.createdAt, changedAt: first.createdAt, deletedAt: nil, commentCount: 0, version: 1)
    data.entries.insert(newer, at: 0)
    state.get(.group(data))
    #expect(state.text.contains("> 20 Nov  #10"))
  }

  @Test func interruptCancelsEffectsThenEndsTheProgram() {
    var state = Fixtures.openGroup()
    state.type("r")
    #expect(state.update(.interrupt, at: Fixtures.start) == [.cancel])
    state.finish(.loadGroup(group.id))
    state.finish(.loadGroups(.inUse))
    #expect(state.update(.interrupt, at: Fixtures.start) == [.quit])
  }

  @Test func escapeClosesOneLayerAndNeverEnds() {
    var state = Fixtures.openGroup()
    state.type("/din")
    state.press(.escape)
    #expect(state.screens.count == 2)
    state.press(.escape)
    #expect(state.screens.count == 1)
    #expect(state.press(.escape).isEmpty)
    #expect(state.type("q") == [.quit])
  }

  @Test func idleStateHasOnlyTheRefreshTimer() {
    var state = Fixtures.state(SignInScreen())
    #expect(state.nextTick == nil)
    state.type("anna")
    #expect(state.nextTick == nil)
  }

  @Test func refreshesAreFewerWhileNobodyPressesKeys() {
    var state = Fixtures.openGroup()
    let load = Effect.loadGroup(group.id)
    let start = Fixtures.start
    func isRead(at seconds: Int) -> Bool {
      let effects = state.update(.tick, at: start + .seconds(seconds))
      for effect in effects {
        _ = state.update(.message(.group(Fixtures.data)), at: start + .seconds(seconds))
        _ = state.update(.finished(effect), at: start + .seconds(seconds))
      }
      return effects.contains(load)
    }
    #expect((1...60).filter(isRead) == [15, 45])
    // A key brings the next one forward: after 15 seconds at the latest, at once after a pause.
    _ = state.update(.key(.down), at: start + .seconds(70))
    #expect(isRead(at: 70))
    for second in 71...99 { _ = state.update(.key(.down), at: start + .seconds(second)) }
    #expect(isRead(at: 99))
    #expect((100...160).filter(isRead) == [114, 144])
  }

  @Test func anUploadShowsItsProgressAndCanBeStopped() {
    var state = Fixtures.openGroup()
    state.type("p/tmp/cat.jpg")
    let upload = Effect.upload(.group(group.id), path: "/tmp/cat.jpg")
    #expect(state.press(.enter) == [upload])
    state.get(.progress(sent: 1024, total: 4096))
    #expect(state.text.contains("1 of 4 KiB"))
    #expect(state.press(.escape) == [.cancel])
    state.get(.failed(upload, .cancelled))
    state.finish(upload)
    #expect(state.text.contains("Stopped. Nothing was changed."))
  }

  @Test func tabStartsInTheFolderOfTheLastPicture() {
    var state = Fixtures.openGroup()
    state.type("p")
    #expect(state.press(.tab) == [.complete(path: "")])
    state.type("~/pictures/cat.jpg")
    let upload = state.press(.enter)[0]
    state.get(.uploaded(.group(group.id), Photo(hash: "aa", width: 640, height: 480)))
    state.finish(upload)
    state.press(.escape)
    state.type("p")
    #expect(state.press(.tab) == [.complete(path: "~/pictures/")] && state.text.contains("~/pictures/"))
  }

  @Test func aDroppedFileIsAPath() {
    var state = Fixtures.openGroup()
    state.type("p")
    state.press(.paste("'/home/anna/my cat.jpg' \n"))
    #expect(state.press(.enter) == [.upload(.group(group.id), path: "/home/anna/my cat.jpg")])
  }

  /// No key on any screen at any size may trap or draw outside of the canvas.
  @Test func randomKeysAtAnySizeAreHandled() async {
    var random = Seeded(42)
    let keys: [Key] =
      [
        .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .enter, .escape, .tab, .backTab,
        .backspace,
        .delete, .control("s"), .control("x"), .control("t"), .control("o"), .control("g"), .control("n"),
        .control("r"), .control("w"),
        .control("u"), .control("k"),
        .paste("x\ny\t\u{202e}"), .character(" "), .character("q"),
      ] + "amprdnevbcosADPS/?jkhlgGyit1,.0é中".map { .character($0) }
    let messages: [Message] = [
      .groups([group, Fixtures.group("x", number: 91, net: 0)]), .groups([]), .group(Fixtures.data),
      .groupChanged(group), .memberAdded(group: group.id, Fixtures.members[1]), .entered,
      .stored(group: group.id, Fixtures.expenses[9]),
      .entries(group: group.id, after: "c", Fixtures.expenses, next: nil),
      .entryDeleted(Fixtures.expenses[0].id),
      .preview(.me, nil),
      .progress(sent: 1, total: 0), .progress(sent: 9, total: 3), .completions(["/a", "/ab"]),
      .completions([]), .kitty(group: group.id, Fixtures.kitty), .debts(group: group.id, []),
      .balances(group: group.id, at: Day("2026-11-24")!, Fixtures.data.balances),
      .entry(Fixtures.changedExpense), .groupDeleted(group.id),
      .statement(
        .loadStatement(group: group.id, account: .kitty, currency: nil, cursor: nil),
        Fixtures.statement(of: .kitty)),
      .invites(group: group.id, Fixtures.invites), .invites(group: group.id, []),
      .inviteMade(group: group.id, Fixtures.invites[0]),
      .inviteRevoked(group: group.id, Fixtures.invites[0].id),
      .invitation(InviteCode(code: "a"), Fixtures.invitation), .joined(group),
      .refused("no"), .failed(.loadGroups(.inUse), .offline("away")),
      .failed(.signOut, .rejected(.signInNeeded)),
      .uploaded(.group(group.id), Photo(hash: "a", width: 1, height: 1)), .signedIn(name: "bob\u{1b}"),
    ]
    let data = Fixtures.data
    let screens: [any Screen] = [
      SignInScreen(), GroupsScreen(), KittyScreen(data), StatementScreen(data, of: .kitty),
      DebtsScreen(data), BalancesScreen(data, today: Day("2026-11-24")!),
      MemberForm(group: group.id, changing: Fixtures.members[1]),
      GroupForm(renaming: group, today: Day("2026-11-24")!),
      ExpenseForm(data, id: Fixtures.id(777), today: Day("2026-11-24")!),
      PaymentForm(data, id: Fixtures.id(777), today: Day("2026-11-24")!),
      EntryScreen(data, data.entries[0]),
    ]
    for round in 0..<88 {
      var state = Fixtures.state(screens[round % screens.count])
      for _ in 0..<200 {
        // The test is long, and others need its thread.
        await Task.yield()
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
          let width = Int.random(in: 1...200, using: &random), height = Int.random(in: 1...60, using: &random)
          _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
        case 1: state.get(messages.randomElement(using: &random)!)
        case 2:
          _ = state.update(.tick, at: Fixtures.start + .seconds(Int.random(in: 0...100, using: &random)))
        case 3: for effect in state.context.running { state.finish(effect) }
        default: state.press(keys.randomElement(using: &random)!)
        }
        let canvas = state.view()
        #expect(canvas.cells.count == canvas.height && canvas.cells.allSatisfy { $0.count == canvas.width })
      }
    }
  }
}
