import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The import of a file of another program on the screen: preview, choices, confirmation, undo.
struct ImportScreenTests {
  private let group = Fixtures.group().id
  private let path = "~/alps.csv"

  private func previewing(
    _ members: [String: String] = [:], _ change: (inout ImportWishes) -> Void = { _ in }
  )
    -> Effect
  {
    var wishes = ImportWishes(members: members)
    change(&wishes)
    return .previewImport(.group(group), path: path, wishes)
  }

  private func refusal(_ code: String, _ message: String = "No.", field: String = "line 2") -> ClientFailure {
    .rejected(.invalid(field, code, message))
  }

  @Test func fileIsPreviewedBeforeItIsImported() {
    var (state, effect) = ImportGoldens.asked()
    #expect(effect == previewing())
    state.get(.progress(sent: 1024, total: 4096))
    #expect(state.text.contains("Sending: 1 of 4 KiB"), "\(state.text)")
    state.get(.progress(sent: 4096, total: 4096))
    #expect(state.text.contains("The server is reading the file"), "\(state.text)")
    state.get(.importPreviewed(Fixtures.importReport))
    state.finish(effect)
    let screen = state.text
    for words in [
      "Would import 3 expenses and 1 payment. 2 entries are in the group already.",
      "2026-01-02 to", "in EUR, JPY", "→ Bob", "new guest", "Are you one of them?", "+1,200.50 EUR",
      "rounded", "Left out: 1", "line 7 \"Zero\" – It changes no balance.",
    ] { #expect(screen.contains(words), "\(words) in \(screen)") }
    #expect(!state.top.isEditing && state.top.hasUnsaved)
    #expect(state.type("i").isEmpty)
    #expect(state.text.contains("Import 3 expenses and 1 payment into \"Flat 12\"?"), "\(state.text)")
    let importing = Effect.importFile(.group(group), path: path, ImportWishes())
    #expect(state.type("y") == [importing])
    state.get(.progress(sent: 4096, total: 4096))
    #expect(state.text.contains("The server is importing the entries"), "\(state.text)")
    var report = Fixtures.importReport
    report.id = Fixtures.id(300)
    #expect(state.get(.fileImported(group: group, new: nil, report)).contains(.loadGroup(group)))
    #expect(
      state.top is GroupScreen && state.text.contains("4 entries are imported. Undo: S"), "\(state.text)")
  }

  @Test func memberIsChosenInPlace() {
    var state = ImportGoldens.preview(Fixtures.importReport)
    state.press(.enter)
    #expect(state.text.contains("\"Anna B.\" of the file is here:"), "\(state.text)")
    state.type("anna (")
    let me = ["Anna B.": "\(Fixtures.members[0].id)"]
    #expect(state.press(.enter) == [previewing(me)])
    var report = Fixtures.importReport
    report.members[0] = .init(name: "Anna B.", member: Fixtures.members[0].id, here: "Anna", isNew: false)
    state.get(.importPreviewed(report))
    state.finish(previewing(me))
    #expect(state.text.contains("→ Anna (you)") && !state.text.contains("Are you one"), "\(state.text)")
    // A name of a new guest, which no member has.
    state.press(.down, .down, .enter, .enter, .control("u"))
    state.type("Bob")
    #expect(state.press(.enter).isEmpty && state.text.contains("has a member of this name"), "\(state.text)")
    state.type("by")
    var members = me
    members["Vic"] = "Bobby"
    #expect(state.press(.enter) == [previewing(members)])
    // The answer before stays when another one cannot be asked for.
    state.get(.failed(previewing(members), .offline("Away.")))
    state.finish(previewing(members))
    #expect(state.text.contains("Not read. Away.") && state.text.contains("→ Anna (you)"), "\(state.text)")
    state.type("iy")
    #expect(state.context.running.last == .importFile(.group(group), path: path, ImportWishes(members: me)))
  }

  @Test func twoNamesMayBeOneGuest() {
    var state = ImportGoldens.preview(Fixtures.importReport)
    state.press(.enter)
    state.type("same")
    #expect(state.press(.enter) == [previewing(["Anna B.": "Vic", "Vic": "Vic"])])
  }

  @Test func differingBalancesNeedASecondAnswer() {
    var state = ImportGoldens.preview(Fixtures.differingReport)
    #expect(state.text.contains("would differ") && state.text.contains("differs"), "\(state.text)")
    state.type("i")
    #expect(state.type("y").isEmpty)
    let words = state.text.split(whereSeparator: { " │\n".contains($0) }).joined(separator: " ")
    #expect(words.contains("bob: -1,200.00 EUR in the file, -1,100.00 EUR here"), "\(words)")
    let importing = Effect.importFile(.group(group), path: path, ImportWishes(acceptsDifferences: true))
    #expect(state.type("y") == [importing])
  }

  @Test func fileWithoutNewEntriesIsNotImported() {
    var report = Fixtures.importReport
    (report.expenses, report.payments) = (0, 0)
    var state = ImportGoldens.preview(report)
    #expect(state.type("i").isEmpty && state.question == nil)
    #expect(state.text.contains("The group has all of the file already"), "\(state.text)")
  }

  @Test func fileBecomesAGroup() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("I\(path)")
    state.press(.enter)
    let tried = NewGroup(id: Fixtures.id(777), name: "")
    let preview = Effect.previewImport(.new(tried), path: path, ImportWishes())
    #expect(state.get(.importFound(path: path, isExport: false)) == [preview])
    state.finish(.lookAtImport(path: path))
    state.get(.importPreviewed(Fixtures.importReport))
    state.finish(preview)
    state.press(.enter)
    state.type("me")
    #expect(
      state.press(.enter) == [
        .previewImport(.new(tried), path: path, ImportWishes(members: ["Anna B.": "me"]))
      ])
    state.get(.importPreviewed(Fixtures.importReport))
    for effect in state.context.running { state.finish(effect) }
    state.type("i")
    #expect(state.text.contains("as the new group \"Alps\"?"), "\(state.text)")
    let new = NewGroup(id: Fixtures.id(777), name: "Alps", currency: Fixtures.eur)
    let effect = Effect.importFile(.new(new), path: path, ImportWishes(members: ["Anna B.": "me"]))
    #expect(state.type("y") == [effect])
    state.get(.fileImported(group: group, new: Fixtures.group("Alps"), Fixtures.importReport))
    #expect(state.top is GroupScreen && state.screens.count == 2, "\(state.text)")
  }

  @Test(arguments: [
    ("ambiguous_days", "month, d", ImportWishes(dates: "mdy")),
    ("ambiguous_decimals", "comma", ImportWishes(decimal: "comma")),
    ("ambiguous_encoding", "win", ImportWishes(encoding: "windows-1252")),
    ("currency_missing", "usd", ImportWishes(currency: "USD")),
    ("unknown_format", "settle", ImportWishes(format: .settleup)),
  ])
  func openReadingIsAskedFor(code: String, typed: String, wishes: ImportWishes) {
    var (state, effect) = ImportGoldens.asked()
    state.get(.failed(effect, refusal(code, "It could be two things. Send dates=dmy or format=x.")))
    state.finish(effect)
    #expect(state.text.contains("It could be two things.") && !state.text.contains("Send dates"))
    state.type(typed)
    #expect(state.press(.enter) == [.lookAtImport(path: path)], "\(state.text)")
    #expect(
      state.get(.importFound(path: path, isExport: false)) == [
        .previewImport(.group(group), path: path, wishes)
      ])
  }

  @Test func exportInAGroupOfAnOlderServerIsExplained() {
    var state = Fixtures.openGroup()
    state.type("I~/flat.json")
    state.press(.enter)
    let preview = Effect.previewImport(.group(group), path: "~/flat.json", ImportWishes())
    #expect(state.get(.importFound(path: "~/flat.json", isExport: true)) == [preview])
    state.get(.failed(preview, refusal("unknown_format", field: "format")))
    #expect(state.text.contains("as a group of its own"), "\(state.text)")
    #expect(!state.text.contains("Program"))
  }

  @Test func allFaultsOfAFileAreShown() {
    var (state, effect) = ImportGoldens.asked()
    let faults = (1...7).map { FieldError(field: "line \($0)", code: "not_a_date", message: "Bad.") }
    state.get(.failed(effect, .rejected(.invalid(faults))))
    state.finish(effect)
    let words = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("line 5: Bad. There are 2 more faults."), "\(state.text)")
    #expect(state.top.isEditing && state.text.contains(path))
  }

  @Test func lostAnswerIsAskedForAgainSafely() {
    var state = ImportGoldens.preview(Fixtures.importReport)
    state.type("iy")
    let effect = Effect.importFile(.group(group), path: path, ImportWishes())
    state.get(.failed(effect, .uncertain("No answer.")))
    state.finish(effect)
    #expect(state.text.contains("i again is safe"), "\(state.text)")
    state.type("i")
    #expect(state.type("y") == [effect])
    var report = Fixtures.importReport
    (report.expenses, report.payments) = (0, 0)
    state.get(.fileImported(group: group, new: nil, report))
    #expect(state.text.contains("Everything in the file is in the group already."), "\(state.text)")
  }

  @Test func escapeStopsThenLeaves() {
    var (state, effect) = ImportGoldens.asked()
    #expect(state.press(.escape) == [.cancel])
    state.get(.failed(effect, .cancelled))
    state.finish(effect)
    #expect(state.top is ImportForm && state.text.contains("Stopped."), "\(state.text)")
    state = ImportGoldens.preview(Fixtures.importReport)
    state.press(.enter)
    // The list, then the choice, then the preview, then the form.
    state.press(.escape, .escape)
    #expect(state.text.contains("→ Bob"), "\(state.text)")
    state.press(.escape)
    #expect(state.top.isEditing && state.text.contains(path), "\(state.text)")
    state.press(.escape)
    #expect(state.type("y") == [.loadGroup(group)] && state.top is GroupScreen)
  }

  @Test func otherReadingsAreOffered() {
    var state = ImportGoldens.preview(Fixtures.importReport)
    state.type("e")
    #expect(state.text.contains("Choose only what was understood"), "\(state.text)")
    for line in ["Program", "Days", "Decimals", "Encoding", "Currency", "Twins"] {
      #expect(state.text.contains(line), "\(state.text)")
    }
  }

  @Test func laterFileTellsWhatItDoesNotHave() {
    var state = ImportGoldens.preview(Fixtures.laterReport)
    // Tab leads through all parts of the list.
    var screen = ""
    for _ in 0..<6 {
      screen += state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      state.press(.tab)
    }
    for words in [
      "1 of them by the same day, text and amounts.", "Balances computed here",
      "Imported before, and not in this file: 1", "#7 \"Rent\" of 2026-01-03",
      "bills.3 \"Coffee\" – It is here as #12",
    ] { #expect(screen.contains(words), "\(words) in \(screen)") }
    state.type("iy")
    let words = state.text.split(whereSeparator: { " │\n".contains($0) }).joined(separator: " ")
    #expect(words.contains("bob: -1,200.00 EUR computed, -1,100.00 EUR here"), "\(words)")
  }

  @Test func twinsAreKept() {
    var state = ImportGoldens.preview(Fixtures.laterReport)
    state.type("e")
    state.press(.down, .down, .down, .down, .down)
    #expect(state.text.contains("> Twins"), "\(state.text)")
    state.type("too")
    state.press(.enter, .control("s"))
    #expect(
      state.get(.importFound(path: path, isExport: false)) == [previewing { $0.keepsTwins = true }],
      "\(state.text)")
  }

  @Test func partsAreWalked() {
    var state = ImportGoldens.preview(Fixtures.importReport)
    func selected() -> String {
      state.text.split(separator: "\n").first { $0.hasPrefix(">") }.map(String.init) ?? ""
    }
    #expect(selected().contains("Anna B."))
    state.press(.tab)
    #expect(selected().contains("+1,200.50 EUR"), "\(state.text)")
    state.press(.tab)
    #expect(selected().contains("line 7"), "\(state.text)")
    state.press(.backTab, .backTab, .backTab)
    #expect(selected().contains("Would import"), "\(state.text)")
    state.press(.enter)
    #expect(state.text.contains("Select a member first"), "\(state.text)")
  }

  @Test func viewerImportsNothing() {
    var state = Fixtures.open(Fixtures.group(as: .viewer))
    #expect(state.type("I").isEmpty && state.top is GroupScreen)
  }

  @Test func importIsUndone() {
    var state = Fixtures.openGroup()
    state.perform(ImportsScreen(Fixtures.data))
    state.get(.imports(group: group, Fixtures.imports))
    #expect(state.text.contains("612 entries of Splitwise") && state.text.contains("1 entry of a table"))
    state.type("u")
    #expect(state.text.contains("Undo the import of 612 entries of Splitwise?"), "\(state.text)")
    let undo = Effect.undoImport(group: group, Fixtures.imports[0], force: false)
    #expect(state.type("y") == [undo])
    state.get(
      .failed(
        undo,
        .rejected(
          .conflict("changed_since", "3 entries of this import were changed: #4. Send force=true to go on.")))
    )
    state.finish(undo)
    let words = state.text.split(whereSeparator: { " │\n".contains($0) }).joined(separator: " ")
    #expect(words.contains("were changed: #4. Undo it all the same?") && !words.contains("force"), "\(words)")
    let forced = Effect.undoImport(group: group, Fixtures.imports[0], force: true)
    #expect(state.type("y") == [forced])
    let effects = state.get(.importUndone(group: group, Fixtures.imports[0]))
    #expect(effects.contains(.loadImports(group)) && effects.contains(.loadGroup(group)))
    #expect(state.text.contains("Undone: 612 entries of Splitwise."), "\(state.text)")
  }

  @Test func draftHasTheAnswers() throws {
    var (state, effect) = ImportGoldens.asked()
    state.get(.failed(effect, refusal("ambiguous_days")))
    state.finish(effect)
    state.type("day")
    state.press(.enter)
    let draft = try #require(state.top.draft)
    let form = try #require(draft.form(Fixtures.data, today: state.context.today) as? ImportForm)
    #expect(form.draft == draft && form.form["dates"] == "day, month, year" && form.data != nil)
  }
}
