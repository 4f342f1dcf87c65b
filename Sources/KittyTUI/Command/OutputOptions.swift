import ArgumentParser

/// The options for the output format.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the JSON of the server as one document.")
  var json = false
  @Flag(help: "Print lines of fields separated by tabs, without titles.")
  var plain = false
  @Option(help: "Colours in a table: auto, always or never.")
  var color = ScreenSettings.Colour.auto

  func validate() throws {
    if json && plain { throw ValidationError("--json and --plain cannot be combined.") }
  }

  func write(_ report: Report, _ environment: CommandEnvironment) throws(CommandFailure) {
    if json { return try environment.write(SafeJSON.bytes(report.json)) }
    if plain {
      let lines = report.fields.map { $0.map(\.string).joined(separator: "\t") + "\n" }
      return try environment.write(Array(lines.joined().utf8))
    }
    let hasColour = color == .auto ? environment.hasColour : color == .always
    let texts = report.tables.map { $0.text(hasColour: hasColour) }.filter { !$0.isEmpty }
    try environment.write(Array(texts.joined(separator: "\n").utf8))
    if let note = report.note { environment.printMessage(note) }
  }
}
