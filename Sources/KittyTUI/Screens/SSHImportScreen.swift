import KittyShared

/// The commands that import a file in a session over ssh, where the files are on another machine.
struct SSHImportScreen: Screen {
  private let address: SafeText
  /// The group: by its id, since a shell would read the name, which other members choose.
  private let group: SafeText

  /// - Parameter data: The group; `nil` for a new one.
  init(_ address: String, _ data: GroupData?) {
    self.address = SafeText(address)
    group = data.map { "\($0.group.id)" } ?? "--new NAME"
  }

  var title: SafeText { "Import" }
  var bindings: [Binding] {
    [Binding([.character("y")], "y", "copy the command", .copyText, footer: "copy")] + Binding.leaving
  }

  private var command: SafeText { "ssh \(address) import \(group) < FILE" }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    command == .copyText ? Action.copy(self.command.string, "The command") : []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    var row = rows.lowerBound
    func say(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, context.width - 3)) {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
      row += 1
    }
    say("The file is on your own machine. There, see what would be imported:")
    say("ssh \(address) import \(group) --dry-run < FILE", .bold)
    say("Then import it:")
    say(command, .bold)
    if group == "--new NAME" { say("NAME becomes the name of a new group.", .muted) }
    say("--map 'Anna B.=me' says who is who, and \(key: .help, "?") has the keys here.", .muted)
  }
}
