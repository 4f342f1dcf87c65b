import KittyShared
import Testing

@testable import KittyTUI

/// Failed reads and late answers: they close no form and lose no text.
struct OutageTests {
  private let group = Fixtures.group()
  private var load: Effect { .loadGroup(group.id) }

  private func problem(_ status: Int, retryAfter: Int? = nil) -> ClientFailure {
    .problem(Problem(status, "x", "t", "The server has a problem.", retryAfter: retryAfter))
  }

  private func at(_ seconds: Double) -> ContinuousClock.Instant { Fixtures.start + .seconds(seconds) }

  @Test(arguments: [500, 429, 404, 403, 400])
  func failedReadKeepsTheFormAbove(status: Int) {
    var state = Fixtures.openGroup()
    state.type("raDinner")
    state.get(.failed(load, problem(status)))
    #expect(state.top is ExpenseForm && state.text.contains("Dinner"))
    #expect(state.text.contains("The server has a problem."))
    state.type("dy")
    #expect(state.text.contains("Dinnerdy"))
  }

  @Test(arguments: [500, 429]) func failedReadKeepsTheGroup(status: Int) {
    var state = Fixtures.openGroup()
    state.type("r")
    state.get(.failed(load, problem(status)))
    #expect(state.top is GroupScreen && state.text.contains("+66.67 EUR"))
    #expect(state.text.contains("Not up to date. Next try within 30 s (r: now). As of 12:00."))
    #expect(state.update(.tick, at: at(4.9)) == [] && state.update(.tick, at: at(5)) == [load])
  }

  @Test func serverChoosesALongerPause() {
    var state = Fixtures.openGroup()
    state.type("r")
    state.get(.failed(load, problem(429, retryAfter: 60)))
    #expect(state.text.contains("Next try within 60 s") && state.nextTick == at(60))
    // The pauses after it are the usual ones.
    #expect(state.update(.tick, at: at(60)) == [load])
    #expect(state.text.contains("Next try within 30 s"))
  }

  /// A retry is drawn only where it changes something.
  @Test func retryOfAReadLooksTheSame() {
    var state = Fixtures.openGroup()
    state.type("ra")
    state.get(.failed(load, problem(500)))
    let before = state.view().text
    #expect(state.update(.tick, at: at(5)) == [load])
    #expect(state.looksTheSame && state.view().text == before)
    // The pause becomes the usual one.
    state = Fixtures.openGroup()
    state.type("ra")
    state.get(.failed(load, problem(429, retryAfter: 60)))
    let longer = state.view().text
    #expect(state.update(.tick, at: at(60)) == [load])
    #expect(!state.looksTheSame && state.view().text != longer)
    // A toast ends with the tick.
    state = Fixtures.openGroup()
    state.type("ra")
    state.get(.failed(load, problem(500)))
    state.get(.warning("The disk is full."))
    let words = state.view().text
    _ = state.update(.tick, at: at(600))
    #expect(!state.looksTheSame && state.view().text != words)
  }

  @Test func clientsDoNotComeBackTogether() {
    var state = Fixtures.openGroup()
    state.context.patience = { 0.75 }
    state.type("r")
    state.get(.failed(load, problem(500)))
    #expect(state.text.contains("Next try within 30 s") && state.nextTick == at(3.75))
    #expect(state.update(.tick, at: at(3.75)) == [load] && state.nextTick == at(3.75 + 0.75 * 5))
    // Never sooner than the server wants.
    state.get(.failed(load, problem(429, retryAfter: 60)))
    #expect(state.nextTick == at(60))
  }

  @Test func unreadableAnswerIsAStatusLine() {
    var state = Fixtures.state(GroupsScreen())
    _ = state.start()
    state.get(.failed(.loadGroups(.inUse), .unreadable("This is no KittyCash server.")))
    #expect(state.text.contains("Not up to date.") && state.text.contains("This is no KittyCash server."))
    #expect(state.update(.tick, at: at(5)) == [.loadGroups(.inUse)])
  }

  @Test func groupThatIsGoneClosesOnceItsFormIsLeft() {
    var state = Fixtures.openGroup()
    state.type("raDinner")
    state.get(.failed(load, problem(404)))
    #expect(state.top is ExpenseForm)
    state.press(.escape)
    #expect(state.type("y") == [load] && state.top is GroupScreen)
    state.get(.failed(load, problem(404)))
    #expect(state.top is GroupsScreen && state.text.contains("You can no longer read this group."))
  }

  @Test func deletedEntryKeepsItsOpenForm() {
    var state = Fixtures.openGroup()
    state.press(.enter)
    state.type("dye")
    state.type("More ")
    state.get(.entryDeleted(Fixtures.expenses[0].id))
    #expect(state.top is ExpenseForm && state.screens.count == 4)
  }

  @Test func lateQuestionIsNotAnsweredByText() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.type("D")
    let delete = Effect.deleteGroup(group.id, force: false)
    #expect(state.type("y") == [delete])
    state.type("nholida")
    state.get(.failed(delete, .rejected(.conflict("not_settled", "There are debts."))))
    #expect(state.type("y").isEmpty && state.text.contains("holiday") && state.text.contains("Not done."))
    // On the list itself it is asked.
    state.press(.escape)
    state.type("y")
    state.type("D")
    state.type("y")
    state.get(.failed(delete, .rejected(.conflict("not_settled", "There are debts."))))
    #expect(state.type("y") == [.deleteGroup(group.id, force: true)])
  }

  @Test func answerAboutAClosedFormClosesNothing() throws {
    var (state, _) = Fixtures.writeExpense()
    state.press(.escape)
    #expect(state.question != nil)
    state.get(.entered)
    #expect(state.top is GroupScreen)
    state.type("y")
    #expect(state.top is GroupScreen && state.screens.count == 2)
  }

  @Test func formIsOnlineAgainByItself() throws {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.enter)
    state.type("100")
    let save = try #require(state.press(.control("s")).first)
    state.get(.failed(save, .offline("Cannot reach it.")))
    #expect(state.text.contains("Not saved. Cannot reach it. ^S again is safe: it cannot be entered twice."))
    #expect(state.text.contains("Offline. Next try within 30 s."))
    // Nothing to do before the next try.
    #expect(state.nextTick == at(1) && state.update(.tick, at: at(0.5)).isEmpty)
    #expect(state.update(.tick, at: at(1)) == [load])
    _ = state.update(.message(.failed(load, .offline("Cannot reach it."))), at: at(1))
    #expect(state.nextTick == at(3))
    #expect(state.update(.tick, at: at(3)) == [load])
    _ = state.update(.message(.group(Fixtures.data)), at: at(3))
    #expect(state.top is ExpenseForm && state.text.contains("Online again.") && state.text.contains("Dinner"))
    _ = state.update(.finished(load), at: at(3))
    #expect(state.press(.control("s")) == [save])
  }

  @Test func hungReadIsWaitedForWithoutTicks() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.get(.failed(load, .offline("Away.")))
    var ticks = 0
    var now = Fixtures.start
    while let next = state.nextTick, next < at(120) {
      #expect(next > now)
      now = next
      _ = state.update(.tick, at: now)
      ticks += 1
    }
    // 1, 2, 4, 8, 16, then every 30 seconds.
    #expect(ticks == 7)
  }

  /// A terminal that is left alone gets no bytes.
  @Test(arguments: [false, true]) func outageChangesNoCell(hasForm: Bool) {
    var state = Fixtures.openGroup()
    if hasForm { state.type("aDinner") }
    _ = state.update(.message(.failed(load, .offline("Away."))), at: at(20))
    let before = state.view().cells
    var tries = 0
    while let next = state.nextTick, next < at(3600) {
      for effect in state.update(.tick, at: next) {
        tries += 1
        #expect(state.view().cells == before, "it is drawn while it is tried")
        _ = state.update(.message(.failed(effect, .offline("Away."))), at: next + .seconds(0.01))
        _ = state.update(.finished(effect), at: next + .seconds(0.01))
      }
      #expect(state.view().cells == before)
    }
    #expect(tries > 100)
  }

  @Test func triesOfTheUserAreShown() {
    var state = Fixtures.openGroup()
    state.get(.failed(load, .offline("Away.")))
    state.type("r")
    #expect(state.text.contains("Offline. Trying…"))
    state.get(.failed(load, .offline("Away.")))
    state.finish(load)
    #expect(state.text.contains("Next try within 30 s (r: now)"))
  }

  @Test func signedOutStateHasNoTimer() {
    var state = Fixtures.openGroup()
    state.get(.failed(load, .offline("Away.")))
    state.get(.signedOut)
    #expect(state.nextTick == nil)
  }

  @Test func refusalMeansThatTheServerIsBack() {
    var state = Fixtures.openGroup()
    state.get(.failed(load, .offline("Away.")))
    state.get(.failed(.deleteEntry(group: group.id, entry: group.id), .rejected(.notFound("entry"))))
    #expect(!state.text.contains("Offline"))
  }

  @Test func fieldsAreLockedWhileTheSaveIsUnderWay() throws {
    var (state, effect) = Fixtures.writeExpense()
    state.type("0")
    state.press(.tab, .backspace, .paste("x"), .control("x"))
    #expect(state.text.contains("Wait for the answer of the server"))
    let sent = try #require(effect)
    state.get(.failed(sent, .uncertain("The connection broke.")))
    #expect(state.press(.control("s")) == [sent])
  }

  @Test func saveDuringAnotherChangeCanBeRepeated() throws {
    var state = Fixtures.openGroup()
    state.type("dy")
    state.type("aDinner")
    state.press(.enter)
    state.type("100")
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("Not saved. Another change is still being saved."))
    state.finish(.deleteEntry(group: group.id, entry: Fixtures.expenses[0].id))
    #expect(state.press(.control("s")).count == 1)
  }

  @Test func leavingTheSignInUnlocksTheForm() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .rejected(.signInNeeded)))
    #expect(state.top is SignInScreen)
    state.press(.escape)
    #expect(state.top is ExpenseForm && state.text.contains("Not saved. Stopped."))
    #expect(state.press(.control("s")) == [sent])
  }

  @Test func signOutKeepsTextThatWasTypedMeanwhileAsADraft() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.type("Sy")
    state.type("nHoliday")
    let kept = state.get(.signedOut).compactMap {
      if case .keepDraft(_, let draft) = $0 { draft } else { nil }
    }
    #expect(kept.map(\.fields["name"]) == ["Holiday"] && kept.map(\.user) == ["anna"])
    #expect(state.screens.count == 1 && state.top is SignInScreen && state.name.string.isEmpty)
  }

  @Test func anotherUserMustConfirmThatTextIsLost() throws {
    var (state, effect) = Fixtures.writeExpense()
    state.get(.failed(try #require(effect), .rejected(.signInNeeded)))
    state.press(.backTab, .control("u"))
    state.type("bob")
    state.press(.tab)
    state.type("a long password")
    #expect(state.press(.enter).isEmpty && state.text.contains("What anna has not saved stays here"))
    #expect(state.type("y") == [.signIn(name: "bob", password: "a long password")])
    // The same user loses nothing.
    (state, effect) = Fixtures.writeExpense()
    state.get(.failed(try #require(effect), .rejected(.signInNeeded)))
    state.type("a long password")
    #expect(state.press(.enter) == [.signIn(name: "anna", password: "a long password")])
  }

  @Test func keysBeforeTheGroupIsReadAreKept() throws {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.finish(.loadGroups(.inUse))
    state.press(.enter)
    state.type("adinner")
    state.press(.enter)
    #expect(state.type("12").isEmpty && state.text.contains("What you type waits"))
    let effects = state.get(.group(Fixtures.data))
    #expect(effects.isEmpty && state.top is ExpenseForm)
    state.finish(load)
    guard case .createExpense(_, let expense) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(expense.description == "dinner" && expense.amount == .minorUnits(1200))
  }

  @Test func keysOfAFailedReadAreDropped() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.press(.enter)
    state.type("dy")
    state.get(.failed(load, .offline("Away.")))
    #expect(state.text.contains("What you typed meanwhile was dropped."))
    #expect(state.get(.group(Fixtures.data)).isEmpty && state.question == nil)
    // The first key may still leave.
    state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.press(.enter)
    state.type("q")
    #expect(state.top is GroupsScreen)
  }

  @Test func unknownOutcomeReadsAgain() {
    var state = Fixtures.openGroup()
    state.type("d")
    let delete = state.type("y")
    #expect(state.get(.failed(delete[0], .uncertain("No answer."))) == [load])
    #expect(state.text.contains("No answer. It may have been done: look before you repeat it."))
  }

  @Test func pasteAnswersNoQuestion() {
    var state = Fixtures.openGroup()
    state.type("d")
    #expect(state.press(.paste("y")).isEmpty && state.question != nil)
    state.press(.escape)
    #expect(state.press(.paste("dy\rq")).isEmpty && state.question == nil && state.top is GroupScreen)
  }

  @Test func longPasteIsCutAndSaysSo() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.press(.paste(String(repeating: "Position\r", count: 10_000)))
    #expect(state.text.contains("cut to 200") && state.top is ExpenseForm)
    state.press(.end)
    #expect(!state.text.contains("cut to"))
  }
}
