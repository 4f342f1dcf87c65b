import Testing

@testable import KittyTUI

/// The comparison of numbers on two canvases, which other tests rely on.
struct ScreenNumbersTests {
  private func numbers(_ lines: SafeText...) -> ScreenNumbers {
    var canvas = Canvas(width: 60, height: lines.count)
    for (row, line) in lines.enumerated() { canvas.draw(line, row: row, column: 0) }
    return ScreenNumbers(canvas)
  }

  @Test func lostDigitOrSignIsNoticed() {
    let large = numbers("Dinner  148.08 EUR   -20.00", "12 x 34.50 and more")
    #expect(numbers("48.08 EUR").wrong(beside: large) == ["48.08"])
    #expect(numbers("Dinner 148.0…").wrong(beside: large) == ["148.0"])
    #expect(numbers("20.00").wrong(beside: large) == ["20.00"])
    #expect(numbers("148.08 EUR -20.00").wrong(beside: large).isEmpty)
    // Text may be cut, also within a number.
    #expect(numbers("12 x 34.5…").wrong(beside: large).isEmpty)
  }

  @Test func fieldIsLeftOut() {
    var canvas = Canvas(width: 20, height: 1)
    canvas.draw("8.08", row: 0, column: 0, style: .field)
    #expect(ScreenNumbers(canvas).wrong(beside: numbers("148.08 EUR")).isEmpty)
  }
}
