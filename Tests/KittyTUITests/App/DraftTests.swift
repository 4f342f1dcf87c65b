import KittyShared
import Testing

@testable import KittyTUI

/// Text in a form outlives the program.
struct DraftTests {
  private let today = Day("2026-11-24")!
  private let group = Fixtures.group()

  /// Lets a pause pass.
  private func pause(_ state: inout AppState) -> [Effect] {
    guard let tick = state.nextTick else { return [] }
    return state.update(.tick, at: max(tick, state.context.now + .seconds(1)))
  }

  /// The drafts that effects write.
  private func kept(_ effects: [Effect]) -> [Draft] {
    effects.compactMap { if case .keepDraft(_, let draft) = $0 { draft } else { nil } }
  }

  private func dropped(_ effects: [Effect]) -> Bool {
    effects.contains { if case .dropDraft = $0 { true } else { false } }
  }

  private func writing() -> AppState {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    return state
  }

  private func stored(_ draft: Draft, file: Int64 = 600, user: String = "anna") -> Draft.Stored {
    var draft = draft
    draft.user = user
    return .init(file: Fixtures.id(file), savedAt: Instant(milliseconds: 1_795_508_130_250), draft: draft)
  }

  @Test func pauseWritesTheTextOnce() throws {
    var state = writing()
    #expect(state.nextTick == Fixtures.start + .seconds(1))
    let draft = try #require(kept(pause(&state)).first)
    #expect(draft.fields["description"] == "Dinner" && draft.user == "anna")
    #expect(draft.name == .init(kind: .expense, id: Fixtures.id(777)) && draft.group == group.id)
    state.press(.left)
    #expect(kept(pause(&state)).isEmpty, "moving the cursor changed no text")
    state.type("!")
    #expect(kept(pause(&state)).map(\.fields["description"]) == ["Dinne!r"])
  }

  @Test func typingWithoutAPauseIsWrittenAfterTenSeconds() {
    var state = writing()
    for step in 1...40 {
      let now = Fixtures.start + .milliseconds(500 * step)
      _ = state.update(.key(.character("x")), at: now)
      guard let tick = state.nextTick, tick <= now else { continue }
      #expect(kept(state.update(.tick, at: now)).count == 1)
      return
    }
    Issue.record("no draft in twenty seconds")
  }

  @Test func formClosedBeforeItsFirstDraftLeavesNoTimer() {
    var state = writing()
    state.press(.escape)
    #expect(state.type("y").allSatisfy { $0.draftWork == nil } && state.top is GroupScreen)
    #expect(state.drafts.due == nil)
  }

  @Test func unchangedFormHasNoDraft() {
    var state = Fixtures.openGroup()
    state.type("a")
    #expect(pause(&state).isEmpty)
    state.type("x")
    #expect(kept(pause(&state)).count == 1)
    state.press(.backspace)
    #expect(dropped(pause(&state)))
    #expect(pause(&state).isEmpty)
  }

  @Test func signalAndLostConnectionWriteAtOnce() {
    var state = writing()
    #expect(kept(state.update(.keepDrafts, at: Fixtures.start)).map(\.fields["description"]) == ["Dinner"])
    state.type("s")
    let read = Effect.loadGroup(group.id)
    #expect(kept(state.get(.failed(read, .offline("Away.")))).map(\.fields["description"]) == ["Dinners"])
    #expect(state.text.contains("Dinners") && state.text.contains("Offline"))
  }

  @Test func savedFormDropsItsDraft() {
    var state = writing()
    _ = pause(&state)
    state.press(.enter)
    state.type("12")
    let save = state.press(.control("s"))
    #expect(save.contains { $0.isWrite })
    #expect(kept(pause(&state)).count == 1, "the draft stays until the answer comes")
    #expect(dropped(state.get(.entered)))
    #expect(state.drafts.kept.isEmpty)
  }

  @Test func leavingDropsTheDraftOnlyAfterYes() {
    var state = writing()
    _ = pause(&state)
    #expect(!dropped(state.press(.escape)))
    #expect(!dropped(state.type("n")) && state.top is ExpenseForm)
    state.press(.escape)
    #expect(dropped(state.type("y")) && state.top is GroupScreen)
  }

  @Test func secondControlCKeepsTheDraftAndYesDropsIt() {
    var state = writing()
    _ = state.update(.interrupt, at: Fixtures.start)
    let effects = state.update(.interrupt, at: Fixtures.start)
    #expect(kept(effects).count == 1 && effects.last == .quit)
    // From a screen above the form, whose question is about the program.
    state = writing()
    _ = pause(&state)
    state.perform(SignInScreen(isInterruption: true, name: "anna"))
    _ = state.update(.interrupt, at: Fixtures.start)
    let left = state.type("y")
    #expect(dropped(left) && left.last == .quit && kept(left).isEmpty)
  }

  @Test func quittingFromASignInAsksBeforeTheDraftIsDropped() {
    var state = writing()
    state.perform(SignInScreen(isInterruption: true, name: "anna"))
    #expect(state.press(.control("q")) == [] && state.question != nil)
    let effects = state.press(.character("n"))
    #expect(!dropped(effects) && state.question == nil)
  }

  @Test func anotherUserLeavesTheDraft() {
    var state = writing()
    _ = pause(&state)
    state.type("!")
    state.perform(SignInScreen(isInterruption: true, name: "anna"))
    let effects = state.get(.signedIn(name: "bob"))
    #expect(kept(effects).map(\.user) == ["anna"] && !dropped(effects))
    #expect(effects.contains(.loadDrafts) && state.top is GroupsScreen)
    #expect(!dropped(pause(&state)))
  }

  @Test func formWithANewIDIsKeptBeforeTheOldDraftIsDropped() throws {
    var state = writing()
    _ = pause(&state)
    state.press(.enter)
    state.type("12")
    let save = try #require(state.press(.control("s")).first { $0.isWrite })
    state.context.newID = { Fixtures.id(778) }
    let effects = state.get(.failed(save, .madeBefore("Saved before.")))
    #expect(kept(effects).map(\.name.id) == [Fixtures.id(778)])
    #expect(effects.firstIndex { if case .keepDraft = $0 { true } else { false } } == 0 && dropped(effects))
  }

  // MARK: The offer

  private func started(_ drafts: [Draft.Stored], unreadable: Int = 0) -> AppState {
    var state = Fixtures.state(GroupsScreen())
    #expect(state.start().contains(.loadDrafts))
    state.get(.groups([group]))
    state.get(.drafts(.init(drafts: drafts, unreadable: unreadable)))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  private func expenseDraft() throws -> Draft {
    var state = writing()
    return try #require(kept(pause(&state)).first)
  }

  @Test func startOffersTheDraft() throws {
    var state = started([stored(try expenseDraft())])
    _ = state.update(.resized(width: 120, height: 40), at: Fixtures.start)
    #expect(
      state.text.contains(
        "You have an unsaved expense in Flat 12 from 08:15: Enter opens it, d drops it."),
      "\(state.text)")
    let read = state.press(.enter)
    #expect(read == [.loadPresent(group: group.id, entry: nil)])
    let effects = state.get(.present(Present(data: Fixtures.data, details: nil)))
    #expect(effects.contains(.loadGroup(group.id)) && state.top is ExpenseForm)
    state.finish(read[0])
    #expect(state.text.contains("Dinner") && state.screens.contains { $0 is GroupScreen })
    // It stays in the same file, whose lock is taken at once.
    guard case .keepDraft(Fixtures.id(600), _) = pause(&state).first else {
      Issue.record("the draft is not in its file")
      return
    }
    // The id of the client: a second save of the same expense is refused by the server.
    state.press(.enter)
    state.type("12")
    guard case .createExpense(_, let expense) = state.press(.control("s")).first(where: \.isWrite)
    else {
      Issue.record("\(state.text)")
      return
    }
    #expect(expense.id == Fixtures.id(777))
    #expect(state.get(.entered).contains(.dropDraft(file: Fixtures.id(600))))
    state.get(.draftDropped(file: Fixtures.id(600)))
    #expect(state.top is GroupScreen && state.text.contains("is saved.") && !state.text.contains("Dropped"))
    // The list has nothing more to offer.
    state.press(.escape)
    state.get(.drafts(.init()))
    #expect(state.top is GroupsScreen)
  }

  @Test func warningOfTheStartStaysAboveTheDrafts() throws {
    var state = Fixtures.state(GroupsScreen())
    state.toast = .init(text: "A warning.", until: Fixtures.start + .seconds(10))
    state.get(.drafts(.init(drafts: [stored(try expenseDraft())])))
    #expect(state.top is DraftsScreen && state.text.contains("A warning."))
  }

  @Test func draftIsDroppedAfterYes() throws {
    var state = started([stored(try expenseDraft())])
    #expect(state.type("d").isEmpty && state.text.contains("Drop an unsaved expense in Flat 12?"))
    #expect(state.type("y") == [.dropDraft(file: Fixtures.id(600))])
    state.get(.draftDropped(file: Fixtures.id(600)))
    #expect(state.top is GroupsScreen && state.text.contains("Dropped."))
  }

  @Test func draftOfAnotherUserIsNeverShown() throws {
    let draft = try expenseDraft()
    let state = started([stored(draft, user: "bob"), stored(draft, user: "")])
    #expect(state.top is GroupsScreen && !state.text.contains("unsaved"))
    var unknown = Fixtures.state(GroupsScreen())
    unknown.name = ""
    unknown.get(.drafts(.init(drafts: [stored(draft, user: "")])))
    #expect(unknown.top is GroupsScreen)
  }

  @Test func openDraftIsNotOfferedAgain() throws {
    var state = started([stored(try expenseDraft())])
    state.press(.enter)
    state.get(.present(Present(data: Fixtures.data, details: nil)))
    state.get(.drafts(.init(drafts: [stored(try expenseDraft())])))
    #expect(state.top is ExpenseForm)
    _ = pause(&state)
    for effect in state.context.running { state.finish(effect) }
    state.press(.escape)
    state.type("y")
    #expect(state.top is GroupScreen)
    state.press(.escape)
    #expect(state.top is DraftsScreen)
    state.get(.drafts(.init()))
    #expect(state.top is GroupsScreen)
  }

  @Test func busyScreenIsNotCovered() throws {
    var state = Fixtures.openGroup()
    state.get(.drafts(.init(drafts: [stored(try expenseDraft())])))
    #expect(state.top is GroupScreen && state.text.contains("u in the list of groups shows it."))
    state.press(.escape)
    #expect(state.type("u") == [.loadDrafts] && state.text.contains("Reading your drafts"))
    state.get(.drafts(.init(drafts: [stored(try expenseDraft())])))
    #expect(state.text.contains("Enter opens it"))
  }

  @Test func failureToOpenLeavesTheDraft() throws {
    var state = started([stored(try expenseDraft())])
    let read = state.press(.enter)
    state.get(.failed(read[0], .problem(Problem(404, "not_found", "t", "There is no such group."))))
    #expect(state.top is DraftsScreen)
    #expect(state.text.contains("It cannot be opened now, and stays here. There is no such group."))
  }

  @Test func unreadableDraftIsSaid() {
    let state = started([], unreadable: 2)
    #expect(state.text.contains("This version cannot read 2 of your drafts."))
  }

  @Test func failedWriteIsSaid() {
    var state = writing()
    state.get(.warning("Cannot write /x: what you type is lost when this program ends."))
    #expect(state.text.contains("Cannot write /x") && state.top is ExpenseForm)
  }

  @Test func passwordIsNeverInADraft() {
    let screen = SignInScreen(isInterruption: true, name: "anna")
    #expect(screen.draft == nil && screen.draftName == nil)
    let fields = FormFields([
      .init(name: "name", label: "", input: TextField("anna")),
      .init(name: "password", label: "", input: TextField("secret", isMasked: true)),
    ])
    #expect(fields.written == ["name": "anna"])
  }
}
