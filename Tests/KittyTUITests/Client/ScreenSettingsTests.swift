import KittyShared
import Testing

@testable import KittyTUI

/// The user's choices for the full screen.
struct ScreenSettingsTests {
  @Test(
    arguments: [
      ("de_DE.UTF-8", ","), ("de_CH", "."), ("fr_CH.UTF-8", "."), ("en_US.UTF-8", "."), ("C", "."),
      ("C.UTF-8", "."),
      ("POSIX", "."),
      ("fr_FR@euro", ","), ("es_MX.UTF-8", "."), ("es_ES", ","), ("en_DK.utf8", ","), ("en-dk", ","),
      ("ja_JP.UTF-8", "."),
      ("xx_YY", "."), ("sr_RS@latin", ","), ("_", "."),
    ] as [(String, Character)])
  func decimalMarkFollowsTheLocale(locale: String, mark: Character) {
    #expect(DecimalMark.of(locale).character == mark)
  }

  @Test func moreSpecialVariableOfTheLocaleComesFirst() {
    #expect(DecimalMark.ofLocale(["LANG": "de_DE", "LC_NUMERIC": "en_US"]) == .point)
    #expect(DecimalMark.ofLocale(["LC_ALL": "de_DE", "LC_NUMERIC": "en_US"]) == .comma)
    #expect(
      DecimalMark.ofLocale(["LC_ALL": "", "LANG": "de_DE"]) == .comma && DecimalMark.ofLocale([:]) == nil)
  }

  @Test func noColorCountsUnlessItIsEmpty() {
    var settings = ScreenSettings()
    #expect(
      settings.hasColour([:]) && settings.hasColour(["NO_COLOR": ""])
        && !settings.hasColour(["NO_COLOR": "1"]))
    settings.colour = .always
    #expect(settings.hasColour(["NO_COLOR": "1"]))
    settings.colour = .never
    #expect(!settings.hasColour([:]))
  }
}
