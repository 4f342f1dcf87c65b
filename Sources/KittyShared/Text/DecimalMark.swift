/// The decimal mark of a locale, by its name. The C library knows only locales that are installed, and over ssh the
/// user's locale often is not.
package enum DecimalMark: String, CaseIterable, Sendable {
  case point, comma

  /// The character.
  package var character: Character { self == .point ? "." : "," }

  /// Returns the mark of the locale that the environment names; `nil` without a name.
  package static func ofLocale(_ environment: [String: String]) -> DecimalMark? {
    locale(environment).map(of)
  }

  /// Returns the locale of numbers that the environment names, such as `de_DE.UTF-8`; `nil` without a name.
  package static func locale(_ environment: [String: String]) -> String? {
    ["LC_ALL", "LC_NUMERIC", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// Returns the mark of a locale, such as `de_DE.UTF-8` or `de-DE`.
  package static func of(_ locale: String) -> DecimalMark {
    let name = locale.split { $0 == "." || $0 == "@" }.first.map(String.init) ?? ""
    let parts = name.split { $0 == "_" || $0 == "-" }
    let language = parts.first.map { $0.lowercased() } ?? ""
    let territory = parts.dropFirst().last.map { $0.uppercased() } ?? ""
    if withPoint.contains("\(language)_\(territory)") { return .point }
    return languages.contains(language) || (language, territory) == ("en", "DK") ? .comma : .point
  }

  /// Languages with a decimal comma, by the data of the Unicode Common Locale Data Repository.
  private static let languages: Set<String> = [
    "af", "az", "be", "bg", "br", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fo", "fr",
    "fy",
    "gl", "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "kl", "ky", "lb", "lt", "lv", "mk", "nb", "nl",
    "nn",
    "no", "oc", "pl", "pt", "ro", "ru", "se", "sk", "sl", "sq", "sr", "sv", "tk", "tr", "tt", "uk", "uz",
    "vi",
  ]

  /// Places where such a language has a point, in amounts of money at least.
  private static let withPoint: Set<String> = [
    "de_CH", "de_LI", "fr_CH", "it_CH", "es_419", "es_CU", "es_DO", "es_GT", "es_HN", "es_MX", "es_NI",
    "es_PA",
    "es_PE",
    "es_PR", "es_SV", "es_US",
  ]
}
