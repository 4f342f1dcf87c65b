import KittyShared
import Testing

/// The composed form of texts, and the keys by which names look the same.
struct NameKeyTests {
  @Test func composedFormHasOneSpelling() {
    let (one, two) = ("Jos\u{e9}", "Jose\u{301}")
    #expect(Array(two.composed.unicodeScalars) == Array(one.unicodeScalars))
    #expect(Array(one.decomposed.unicodeScalars) == Array(two.unicodeScalars))
    #expect(Array("\u{212b}\u{1112}\u{1161}\u{11ab}".composed.unicodeScalars) == ["\u{c5}", "\u{d55c}"])
    for text in ["", "plain", "Zo\u{eb}", "井上", "🇩🇪", "علی\u{200c}رضا"] {
      #expect(Array(text.composed.unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test(arguments: [
    ("Anna", "anna"), ("Anna", "ANNA"), ("Anna", "An\u{200b}na"), ("Anna", "Anna\u{ad}"),
    ("Anna", "\u{2060}Anna"),
    ("anna", "anna\u{3164}"), ("anna", "an\u{115f}na"), ("anna", "an\u{1160}na"), ("anna", "anna\u{ffa0}"),
    ("anna", "an\u{34f}na"), ("anna", "anna\u{fe0f}"), ("anna", "anna\u{e0100}"), ("anna", "anna\u{e0061}"),
    ("anna", "anna\u{2800}"), ("Anna B", "Anna\u{a0}B"), ("Anna B", "Anna  B"), ("Anna", "Ａｎｎａ"),
    ("Anna", "\u{410}nna"),
    ("José", "Jose\u{301}"), ("Á", "A\u{301}"),
    ("Bob", "\u{412}ob"), ("Nora", "\u{39d}ora"), ("Dave", "Da\u{3bd}e"), ("Copa", "Сора"), ("Tom", "Τom"),
    ("Álex", "\u{410}\u{301}lex"), ("カナ", "ｶﾅ"), ("バズ", "ﾊﾞｽﾞ"), ("パン", "ﾊﾟﾝ"), ("カ・ナ。", "ｶ･ﾅ｡"),
    ("fine", "\u{fb01}ne"), ("Anna", "𝐀𝐧𝐧𝐚"), ("Вова", "ВОВА"),
    ("Νίκος", "νίκος"), ("Ёлка", "Е\u{308}лка"), ("علی\u{200c}رضا", "علیرضا"),
  ]) func namesThatLookAlikeHaveOneKey(one: String, other: String) {
    #expect(one.nameKey == other.nameKey)
    #expect(one.nameKey.nameKey == one.nameKey)
  }

  @Test(arguments: [
    ("Anna", "Anne"), ("Jose", "José"), ("Анна", "Anna"), ("Анна", "Яна"), ("Müller", "Möller"), ("李", "王"),
    ("Weiß", "Weiss"), ("Ali", "Alı"), ("Anna 2", "Anna 3"), ("किरण", "करण"), ("👍", "👎"), ("Olga", "Ольга"),
    ("Елка", "Ёлка"), ("ﾊﾞｽ", "ﾊｽ"),
  ]) func namesThatDifferHaveTwoKeys(one: String, other: String) {
    #expect(one.nameKey != other.nameKey)
  }

  @Test(arguments: [
    "\u{3164}\u{3164}", "\u{2800}", "\u{200b}", "\u{115f}\u{1160}", "\u{ffa0}", "\u{34f}", "\u{ad} ",
  ])
  func nameWithoutAVisibleLetterIsRefused(name: String) {
    #expect(throws: Rejection.self) { try NewMember(name: name).checked() }
    #expect(throws: Rejection.self) { try MemberChange(name: name).checked() }
  }

  @Test func textsOfRequestsAreComposed() throws {
    let (sent, kept) = ("Cafe\u{301}", "Caf\u{e9}")
    func isKept(_ text: String?) -> Bool {
      text.map { Array($0.unicodeScalars) } == Array(kept.unicodeScalars)
    }
    #expect(isKept(try NewGroup(name: sent).checked().name))
    #expect(isKept(try GroupChange(name: sent).checked().name))
    #expect(isKept(try NewMember(name: sent).checked().name))
    #expect(isKept(try MemberChange(name: sent).checked().name))
    #expect(
      isKept(try NewUser(name: "anna", password: "a long password", displayName: sent).checked().displayName))
    #expect(isKept(try UserChange(displayName: sent).checked().displayName))
    #expect(isKept(try NewToken(name: sent, scopes: [.read]).checked().name))
    #expect(isKept(try NewComment(text: sent).checked().text))
    let member = ID(at: Instant(milliseconds: 1))
    let split = SplitRule(.items, items: [.init(sent, amount: .minorUnits(5), members: [member])])
    let expense = try NewExpense(
      id: nil, description: sent, amount: .minorUnits(5), currency: nil, rate: nil, date: nil, note: sent,
      payer: .kitty, payers: nil, participants: nil, split: split
    ).checked()
    #expect(
      isKept(expense.description) && isKept(expense.note) && isKept(expense.split?.items?[0].description))
    var change = ExpenseChange()
    change.note = .set(sent)
    if case .set(let note) = try change.checked().note {
      #expect(isKept(note))
    } else {
      Issue.record("no note")
    }
    let count = try NewCount(counted: .minorUnits(5), description: sent, note: sent).checked()
    #expect(isKept(count.description) && isKept(count.note))
  }

  @Test func passwordIsCountedInItsComposedForm() {
    #expect(throws: Rejection.self) { try NewUser(name: "anna", password: "pa\u{308}ssw\u{308}x").checked() }
    #expect(throws: Never.self) { try NewUser(name: "anna", password: "pässwörd").checked() }
  }
}
