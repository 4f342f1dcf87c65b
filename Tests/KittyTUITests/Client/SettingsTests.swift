import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The settings: flags, environment variables and `config.toml`.
struct SettingsTests {
  private func settings(
    _ file: String, _ environment: [String: String] = [:], _ flags: ClientSettings.Flags = .init()
  ) -> ClientSettings {
    ClientSettings(
      flags: flags, environment: environment, file: ConfigFile(parsing: file), at: "/c/config.toml")
  }

  @Test func fileIsRead() {
    let found = settings(
      """
      # My settings
      mouse = false   # select text
      theme = "high-contrast"
      accessible = true
      decimal-mark = 'comma'

      [keys]
      add = "n"
      "settle" = ["S", "ctrl-t",]
      pay = 1
      """)
    let screen = found.screen
    #expect(!screen.usesMouse && screen.theme == .highContrast && screen.isPlain && screen.decimalMark == ",")
    #expect(found.keys.map(\.action) == ["add", "settle", "pay"])
    #expect(found.keys.map(\.keys) == [["n"], ["S", "ctrl-t"], ["1"]])
    #expect(found.keys.map(\.line) == [8, 9, 10] && found.problems.isEmpty)
  }

  @Test func flagCountsMoreThanVariableAndThatMoreThanFile() {
    let file = "theme = \"dark\"\nmouse = false"
    #expect(settings(file).screen.theme == .dark)
    #expect(settings(file, ["KITTYCASH_THEME": "light"]).screen.theme == .light)
    #expect(settings(file, ["KITTYCASH_THEME": ""]).screen.theme == .dark)
    #expect(settings(file, ["KITTYCASH_THEME": "light"], .init(theme: .mono)).screen.theme == .mono)
    #expect(settings(file, ["KITTYCASH_MOUSE": "1"]).screen.usesMouse)
    #expect(!settings(file, ["KITTYCASH_MOUSE": "1"], .init(usesMouse: false)).screen.usesMouse)
    #expect(settings("", ["KITTYCASH_DECIMAL_MARK": ","]).screen.decimalMark == ",")
    #expect(settings("") == ClientSettings() && ClientSettings().screen.usesMouse)
  }

  @Test(arguments: [
    ("colour = 1", "line 1: there is no option \"colour\". Use one of: accessible, ascii, ca, color, debug"),
    ("\ntheme = \"pink\"", "line 2: this is not a value of \"theme\". Use one of: terminal, light"),
    ("mouse = \"maybe\"", "line 1: this is not a value of \"mouse\". Use one of: true or false."),
    ("[colours]\nred = 1", "line 2: there is no table \"colours\""),
    ("theme dark", "line 1: Write a key, = and a value"),
    ("theme = dark", "line 1: \"dark\" is not a value. Write a text in quotation marks"),
    ("theme = \"dark", "line 1: The quotation mark at the end is missing."),
    ("theme = \"dark\" light", "line 1: \"light\" is too much after the value."),
    ("theme = \"dark\"\ntheme = \"light\"", "line 2: \"theme\" stands here a second time"),
    ("[keys\n", "line 1: The name of a table ends with ]."),
    ("theme =", "line 1: The value is missing."),
    ("[keys]\nadd = [\"a\" \"b\"]", "line 2: Write a comma between the texts of a list"),
    ("[keys]\nadd = [a]", "line 2: A list has texts in quotation marks"),
    ("[keys]\nadd = true", "line 2: write the key of \"add\" in quotation marks"),
    ("theme = \"a\\x\"", "line 1: After a backslash only"),
  ])
  func badLineIsReportedWithItsNumber(text: String, words: String) {
    let found = settings(text + "\naccessible = true")
    #expect(
      found.problems.map(\.string).contains { $0.hasPrefix("/c/config.toml, ") && $0.contains(words) },
      "\(found.problems)")
    // The other lines count, unless the bad one has begun a table.
    #expect(found.screen.isPlain || text.contains("]"))
  }

  @Test func screenReaderAndLocaleAreFoundInTheEnvironment() {
    #expect(settings("", ["ACCESSIBLE": "1"]).screen.isPlain)
    #expect(!settings("", ["ACCESSIBLE": "1", "KITTYCASH_ACCESSIBLE": "no"]).screen.isPlain)
    #expect(settings("", ["LC_ALL": "de_DE.UTF-8"]).screen.decimalMark == ",")
    #expect(settings("decimal-mark = \"point\"", ["LC_ALL": "de_DE.UTF-8"]).screen.decimalMark == ".")
  }

  @Test func badVariableIsReportedAndTheFileCounts() {
    let found = settings("theme = \"dark\"", ["KITTYCASH_THEME": "pink\u{1b}"])
    #expect(found.screen.theme == .dark)
    #expect(
      found.problems.map(\.string) == [
        "$KITTYCASH_THEME: \"pink·\" is not a value of it. Use one of: terminal, light, dark, mono, high-contrast."
      ])
  }

  @Test func authoritiesAreThoseOfTheFirstSource() {
    let file = "ca = \"~/ca.pem\""
    let all = [
      "HOME": "/home/anna", "CURL_CA_BUNDLE": "/bundle.pem", "SSL_CERT_FILE": "/file.pem",
      "SSL_CERT_DIR": "/folder",
    ]
    #expect(
      settings(file, all.merging(["KITTYCASH_CA": "v.pem"]) { $1 }, .init(ca: "f.pem")).authorities
        == .file("f.pem"))
    #expect(settings(file, all.merging(["KITTYCASH_CA": "v.pem"]) { $1 }).authorities == .file("v.pem"))
    #expect(settings(file, all).authorities == .file("/home/anna/ca.pem"))
    // The variables of curl and OpenSSL.
    #expect(settings("", all).authorities == .system(file: "/bundle.pem"))
    #expect(
      settings("", all.filter { $0.key != "CURL_CA_BUNDLE" }).authorities
        == .system(file: "/file.pem", folder: "/folder"))
    #expect(settings("", ["SSL_CERT_FILE": ""]).authorities == .system())
    #expect(settings("ca = true").problems.count == 1)
  }

  @Test func missingFileIsNoProblemAndUnreadableOneIs() throws {
    #expect(ConfigFile(path: "/nowhere/config.toml").problems.isEmpty)
    #expect(ConfigFile(path: "/").problems.map(\.line) == [0])
    let path = NSTemporaryDirectory() + "kitty-\(UUID().uuidString).toml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try String(repeating: "#", count: 70_000).write(toFile: path, atomically: true, encoding: .utf8)
    #expect(ConfigFile(path: path).problems.map(\.words) == ["It is longer than 64 KiB, so it is not used."])
    try "theme = \"dark\"\r\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(ConfigFile(path: path).entries.map(\.value) == [.text("dark")])
    #expect(ConfigFile.path(["HOME": "/h"]) == "/h/.config/kittycash/config.toml")
    #expect(
      ConfigFile.path(["HOME": "/h", "XDG_CONFIG_HOME": "/x"]) == "/x/kittycash/config.toml"
        && ConfigFile.path(["HOME": "/h", "XDG_CONFIG_HOME": "x"]) == "/h/.config/kittycash/config.toml")
  }

  @Test func anyTextIsRead() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "[", "]", "\"", "'", "=", "#", ",", " ", "\\", "a", "é", "\n", "\r", "1", "true", "\t", "keys",
    ]
    for _ in 0..<2_000 {
      let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      let file = ConfigFile(parsing: text)
      #expect(file.entries.count + file.problems.count <= text.count + 1)
    }
  }
}
