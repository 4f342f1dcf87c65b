import KittyShared
import TestSupport
import Testing

/// The folding of texts for searches.
struct FoldedTests {
  @Test(arguments: [
    ("Dîner", "diner"), ("DI\u{302}NER", "diner"), ("Straße", "strasse"), ("STRASSE", "strasse"),
    ("Łódź", "lodz"),
    ("Smørrebrød", "smorrebrod"), ("Æbler", "aebler"), ("İstanbul ılık", "istanbul ilik"), ("Þór", "thor"),
    ("ΝΊΚΟΣ", "νίκος"), ("Ёлка", "елка"), ("Ａｎｎａ", "anna"), ("ﬁne", "fine"), ("An\u{200B}na", "anna"),
    ("バス", "ﾊﾞｽ"), ("パン", "ﾊﾟﾝ"), ("ハ\u{3099}ス", "ﾊﾞｽ"), ("「ガ・ム」", "｢ｶﾞ･ﾑ｣"),
    (" a \t\r\n b\u{A0}c ", "a b c"), ("100%_'\\", "100%_'\\"), ("", ""), ("\u{301}", ""), ("👍🏽", "👍🏽"),
  ]) func textsForOneSearchAreTheSame(text: String, other: String) {
    #expect(text.folded == other.folded)
    #expect(text.folded.folded == text.folded)
  }

  @Test(arguments: [("rent", "tent"), ("が", "か"), ("ﾊﾞｽ", "ﾊｽ"), ("किरण", "करण"), ("a b", "ab"), ("1.5", "15")])
  func otherTextsDiffer(text: String, other: String) {
    #expect(text.folded != other.folded)
  }

  @Test func asciiIsWrittenPlainly() {
    #expect("Rent  12.50 EUR\n".folded == "rent 12.50 eur" && "Crème BRÛLÉE".folded == "creme brulee")
  }

  @Test func partOfATextIsPartOfTheFoldedText() {
    var random = Seeded(22)
    let words = [
      "Νίκος", "dinner", "Łódź", "İl", "Straße", "한국", "ガス", "Вова", "naïve", "ﬁ", "ﾊﾞｽ", "42.5", "ΟΔΟΣ", "𝐀",
      "😀",
    ]
    for _ in 0..<500 {
      let chosen = (0..<5).map { _ in words.randomElement(using: &random)! }
      let text = chosen.joined(separator: Bool.random(using: &random) ? " " : "\n")
      for word in chosen { #expect(text.folded.contains(word.folded), "\(word) in \(text)") }
      #expect(text.folded.contains(chosen[1...3].joined(separator: " ").folded))
    }
  }
}
