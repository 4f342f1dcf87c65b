import Testing

@testable import KittyTUI

/// The advice for a line of `kittycash add` that looks like an option.
struct AddAdviceTests {
  @Test func lineWithAMinusIsExplained() throws {
    let advice = try #require(AddCommand.advice(for: ["add", "g", "-5 x"]))
    #expect(advice.contains("Write -- before it: kittycash add g -- '-5 x'"))
    #expect(
      AddCommand.advice(for: ["add", "Flat 12", "-5 it's"])?.hasSuffix(#"add 'Flat 12' -- '-5 it'\''s'"#)
        == true)
    #expect(AddCommand.advice(for: ["add", "g", "-5\u{1b}[2J x"])?.contains("\u{1b}") == false)
  }

  @Test(arguments: [
    ["add", "g", "--", "-5 x"], ["add", "g", "5 x", "--plan"], ["settle", "g", "-5 x"], ["add", "g", "-q"],
    [],
  ])
  func otherMistakesAreNot(arguments: [String]) {
    #expect(AddCommand.advice(for: arguments) == nil)
  }
}
