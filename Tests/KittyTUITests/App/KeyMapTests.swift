import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// The keys of the user.
struct KeyMapTests {
  private func map(_ keys: [(String, [String])]) -> KeyMap {
    var settings = ClientSettings()
    settings.keys = keys.enumerated().map { .init(action: $1.0, keys: $1.1, line: $0 + 2) }
    return KeyMap.standard(settings, ["HOME": "/h"])
  }

  private func open(_ map: KeyMap) -> AppState {
    var state = Fixtures.openGroup()
    state.keyMap = map
    return state
  }

  @Test func keyOfTheUserReplacesThatOfTheProgram() {
    let map = map([("add", ["o", "+"])])
    #expect(map.problems.isEmpty)
    for key in ["o", "+"] {
      var state = open(map)
      #expect(state.text.contains("o add") && !state.text.contains("a add"))
      state.type(key)
      #expect(state.top is ExpenseForm)
    }
    var state = open(map)
    state.type("a")
    #expect(state.top is GroupScreen)
    state.type("?")
    #expect(state.text.contains("o +  "), "\(state.text)")
  }

  @Test func otherActionLosesTheKeyAndIsReported() {
    let map = map([("add", ["s"])])
    #expect(map.problems.count == 1)
    #expect(
      map.problems[0].string.contains(
        "config.toml, line 2: s of \"add\" is also the key of \"settle\" on a screen with both (group)."),
      "\(map.problems)")
    var state = open(map)
    #expect(state.text.contains("s add") && !state.text.contains("s settle"))
    state.type("s")
    #expect(state.top is ExpenseForm)
  }

  @Test func sentencesNameTheKeysOfTheUser() throws {
    let map = map([("new-group", ["ctrl-t"]), ("save", ["x", "ctrl-v"])])
    try KeyMap.$shown.withValue(map) {
      var state = Fixtures.state(GroupsScreen())
      state.keyMap = map
      state.get(.groups([]))
      #expect(state.text.contains("Press ^T to create one, or i to join"), "\(state.text)")
      state = open(map)
      state.type("mDora")
      let save = try #require(state.press(.control("v")).first)
      state.get(.failed(save, .offline("Away.")))
      // In a form a letter is text, so the second key is named.
      #expect(state.text.contains("^V again is safe"), "\(state.text)")
    }
  }

  @Test func paletteAndHelpHaveTheKeysOfTheUser() {
    let map = map([("filter", ["ctrl-t"]), ("down", ["x", "ctrl-v"]), ("palette", ["ctrl-o"])])
    var state = open(map)
    state.type("?/")
    #expect(!state.showsHelp, "the key of the program still searches")
    state.type("?")
    state.press(.control("t"))
    state.type("money in")
    #expect(state.text.contains("count the money in the kitty") && !state.text.contains("in one line"))
    state.press(.escape, .escape)
    state.type(":")
    #expect(state.palette == nil)
    state.press(.control("o"))
    #expect(state.palette?.index == 0 && state.text.contains("^V next"), "\(state.text)")
    state.press(.control("v"))
    #expect(state.palette?.index == 1)
  }

  @Test func exchangedKeysAreNoConflict() {
    let map = map([("add", ["s"]), ("settle", ["a"])])
    #expect(map.problems.isEmpty, "\(map.problems)")
    var state = open(map)
    state.type("a")
    #expect(state.top is SettleScreen)
  }

  @Test func keyOfTwoActionsIsReportedOnce() {
    let map = map([("add", ["x"]), ("settle", ["x"])])
    #expect(
      map.problems.map(\.string).count == 1 && map.problems[0].string.contains("line 3: x of \"settle\""))
    // The first setting has it; the other action keeps its own key.
    var state = open(map)
    #expect(state.text.contains("x add") && state.text.contains("s settle"))
    state.type("x")
    #expect(state.top is ExpenseForm)
  }

  @Test func unknownNamesAreReportedAndTheOthersCount() {
    let map = map([("ad", ["x"]), ("add", ["ctrl-c", "hyper-q", "", "é"]), ("kitty", [])])
    let problems = map.problems.map(\.string)
    #expect(
      problems.contains { $0.contains("line 2: there is no action \"ad\". docs/cli.md has the names.") })
    for key in ["ctrl-c", "hyper-q", ""] {
      #expect(problems.contains { $0.contains("line 3: \"\(key)\" is not a key that an action can have.") })
    }
    var state = open(map)
    state.type("é")
    #expect(state.top is ExpenseForm)
  }

  @Test func letterIsTextInAForm() {
    var state = open(map([("save", ["w", "ctrl-t"]), ("down", ["n"])]))
    state.type("a")
    #expect(state.text.contains("^T save"))
    state.type("wn")
    #expect(state.text.contains("wn") && state.top is ExpenseForm)
    state.press(.down)
    state.type("5")
    #expect(state.update(.key(.control("t")), at: Fixtures.start).contains { $0.isWrite })
  }

  @Test func namesOfKeysAreRead() {
    let keys: [(String, Key?)] = [
      ("a", .character("a")), ("A", .character("A")), ("ctrl-s", .control("s")), ("^S", .control("s")),
      ("PageDown", .pageDown), ("space", .character(" ")), ("esc", .escape), ("shift-tab", .backTab),
      ("^", .character("^")),
      ("ctrl-", nil), ("ab", nil), (" ", nil), ("ctrl-m", nil), ("\n", nil),
    ]
    for (name, key) in keys { #expect(Key(name: name) == key, "\(name)") }
  }

  @Test func everyActionHasItsOwnName() {
    #expect(KeyMap.commands.count == Command.allCases.count)
    #expect(KeyMap.commands["page-down"] == .pageDown && KeyMap.commands["delete"] == .remove)
  }

  @Test func lastErrorIsOnAKey() {
    var state = Fixtures.openGroup()
    state.press(.control("y"))
    #expect(state.text.contains("No request has failed."))
    state.type("aDinner")
    let load = Effect.loadGroup(Fixtures.group().id)
    state.get(.sent(load, id: "0193-of-the-client"))
    state.get(.failed(load, .offline("Cannot reach it.")))
    state.press(.control("y"))
    #expect(state.text.contains("Request 0193-of-the-client, 0 s ago: Cannot reach it."))
    #expect(state.text.contains("Dinner") && state.top is ExpenseForm)
    var problem = Problem(500, "x", "t", "It broke.")
    problem.requestId = "0193-of-the-server"
    state.get(.failed(load, .problem(problem)))
    _ = state.update(.key(.control("y")), at: Fixtures.start + .seconds(130))
    #expect(state.text.contains("Request 0193-of-the-server, 2 min ago: It broke."))
  }

  @Test func messagesCanBeReadAgain() {
    var state = Fixtures.openGroup()
    state.get(.entryDeleted(Fixtures.expenses[0].id))
    _ = state.update(.tick, at: Fixtures.start + .seconds(7))
    #expect(!state.text.contains("Deleted. Press u to restore it."))
    state.type("aDinner")
    state.press(.control("y"), .control("y"))
    #expect(state.top.title == "Messages" && state.text.contains("12:00  Deleted. Press u to restore it."))
    state.press(.escape)
    #expect(state.top is ExpenseForm && state.text.contains("Dinner"))
    // Only the latest are kept, and those of another user are forgotten.
    for number in 0..<60 { state.show("Message \(number)") }
    #expect(state.messages.count == 50 && state.messages.first?.text == "Message 59")
    state.get(.signedOut)
    #expect(state.messages.isEmpty)
  }

  @Test func screenReaderGetsTimeForAMessage() {
    var state = Fixtures.openGroup()
    state.context.settings.isPlain = true
    state.get(.entryDeleted(Fixtures.expenses[0].id))
    _ = state.update(.tick, at: Fixtures.start + .seconds(600))
    #expect(state.text.contains("Deleted. Press u to restore it."))
    state.press(.down)
    #expect(!state.text.contains("Deleted. Press u to restore it."))
  }

  @Test func manualHasTheNamesOfActions() throws {
    let manual = try Document("docs/cli.md").text
    for name in KeyMap.commands.keys { #expect(manual.contains("`\(name)`"), "docs/cli.md has no \(name)") }
  }
}
