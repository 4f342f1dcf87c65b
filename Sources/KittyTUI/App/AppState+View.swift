import KittyShared

extension AppState {
  /// The smallest terminal that anything is drawn in.
  static let smallest = (width: 20, height: 8)

  /// Draws the whole screen.
  func view() -> Canvas { context.settings.isPlain ? drawn().plain(width: context.windowWidth) : drawn() }

  private func drawn() -> Canvas {
    var canvas = Canvas(width: context.width, height: context.height)
    guard context.width >= Self.smallest.width, context.height >= Self.smallest.height else {
      let words: SafeText = context.width < 7 ? "…" : "Make this window larger."
      for (row, line) in words.wrapped(to: context.width).enumerated() {
        canvas.draw(line, row: row, column: 0)
      }
      canvas.placeCursor(row: 0, column: 0)
      return canvas
    }
    drawHeader(&canvas)
    // A long toast takes lines from the screen above it.
    let words = toastLines
    let rows = 2..<(context.height - 1 - max(1, words.count))
    if showsHelp {
      drawHelp(&canvas, rows)
    } else {
      canvas.draw(rows: rows) { top.view(into: &$0, rows: rows, context) }
      palette?.view(into: &canvas, rows: rows)
    }
    if words.isEmpty { drawStatus(&canvas, row: context.height - 2) }
    for (offset, line) in words.enumerated() {
      canvas.clear(
        rows: (rows.upperBound + offset)..<(rows.upperBound + offset + 1), columns: 0..<context.width)
      canvas.draw(line, row: rows.upperBound + offset, column: 0, style: .bold)
    }
    drawFooter(&canvas, row: context.height - 1)
    if let question {
      canvas.place(nil)
      drawQuestion(question, &canvas)
    }
    return canvas
  }

  private func drawHeader(_ canvas: inout Canvas) {
    let path = screens.map(\.title).reduce("KittyCash" as SafeText) { "\($0) › \($1)" }
    let who: SafeText = name.string.isEmpty ? server : "\(name) @ \(server)"
    let room = context.width - who.width - 2
    if room >= path.width {
      canvas.draw(path, row: 0, column: 0, style: .title)
      canvas.draw(who, row: 0, endingAt: context.width, style: .muted)
    } else {
      // In a narrow window the title is more important than the user.
      let short = path.width <= context.width ? path : "… › \(top.title)"
      canvas.draw(short, row: 0, column: 0, width: context.width, style: .title)
    }
  }

  /// The countdown of a screen that is left alone, or the toast, in at most three lines, fewer in a small window. The last line is cut.
  private var toastLines: [SafeText] {
    guard let text = idleWords ?? toast?.text else { return [] }
    let lines = text.wrapped(to: context.width)
    let most = max(1, min(3, context.height / 5))
    guard lines.count > most else { return lines }
    let rest = lines[(most - 1)...].dropFirst().reduce(lines[most - 1]) { "\($0) \($1)" }
    return lines[..<(most - 1)] + [rest.fitted(to: context.width)]
  }

  private func drawStatus(_ canvas: inout Canvas, row: Int) {
    if context.isPasting || !held.isEmpty {
      let words: SafeText =
        context.isPasting ? "Receiving a paste…" : "Reading… What you type waits; Esc drops it."
      canvas.draw(words, row: row, column: 0, width: context.width, style: .muted)
    } else if context.isWriting {
      let dots: [SafeText] = ["Working", "Working.", "Working..", "Working..."]
      // Five steps a second, from when it began.
      let time = max(.zero, context.now - context.workingSince)
      let step = context.settings.isPlain ? 3 : Int(time / .milliseconds(200)) % dots.count
      canvas.draw(dots[step], row: row, column: 0, style: .muted)
    } else if case .offline(let outage) = connection {
      draw(outage, &canvas, row: row)
    } else if let moment = top.cachedAt {
      let words: SafeText = "◌ As of \(context.time(of: moment)). Reading…"
      canvas.draw(words, row: row, column: 0, width: context.width, style: .muted)
    } else if isSlow {
      canvas.draw("◌ Reading…", row: row, column: 0, style: .muted)
      if case .online(let since) = connection {
        canvas.draw(
          Self.age(context.now - since), row: row, column: 11, width: context.width - 11, style: .muted)
      }
    } else if case .online = connection, !top.refresh.isEmpty {
      // Younger than the interval of the refresh. An age in seconds would change all the time.
      let words: SafeText = context.width < 40 ? "●" : "up to date ●"
      canvas.draw(words, row: row, endingAt: context.width, style: .muted)
    }
  }

  /// Draws the state of an outage. It stays the same from one try to the next, so that a terminal that is left alone
  /// gets no bytes.
  private func draw(_ outage: Outage, _ canvas: inout Canvas, row: Int) {
    let age: SafeText = (top.cachedAt ?? outage.lastSeen).map { "As of \(context.shortTime(of: $0))." } ?? ""
    let now: SafeText = top.isEditing || top.refresh.isEmpty ? "" : " (r: now)"
    let isTrying = outage.isAsked && retry.contains { context.running.contains($0) }
    let again: SafeText =
      isTrying ? "Trying…" : "Next try within \(Int(outage.limit.components.seconds)) s\(now)."
    // The retry comes first, then the age of the data; the reason is cut or left out in a narrow window.
    let start: SafeText = "○ \(outage.isAnswered ? "Not up to date" : "Offline" as SafeText). \(again)"
    canvas.draw(start, row: row, column: 0, style: .warning)
    var column = start.width + 1
    if !age.string.isEmpty, column + age.width <= context.width {
      canvas.draw(age, row: row, column: column, style: .warning)
      column += age.width + 1
    }
    let room = context.width - column
    if room >= 20 { canvas.draw(outage.why, row: row, column: column, width: room, style: .warning) }
  }

  /// The age of the shown data in words. A younger one is as good as new.
  private static func age(_ duration: Duration) -> SafeText {
    let minutes = Int(duration.components.seconds) / 60
    return minutes == 0 ? "" : minutes < 60 ? "Data: \(minutes) min old." : "Data: \(minutes / 60) h old."
  }

  /// Draws the most important keys of the screen, as many as fit, and always the help key.
  private func drawFooter(_ canvas: inout Canvas, row: Int) {
    var column = 0
    let shown = bindings.filter { !$0.footer.string.isEmpty }
    let help = shown.filter { $0.command == .help }.prefix(1)
    let others = shown.filter { $0.command != .help }
    let reserved = help.reduce(0) { $0 + Self.firstKey($1).width + $1.footer.width + 3 }
    for binding in others {
      let key = Self.firstKey(binding)
      // In parentheses too: the meaning never depends on the look alone.
      let refused: SafeText = "(\(key) \(binding.footer))"
      let width = binding.refusal == nil ? key.width + 1 + binding.footer.width : refused.width
      guard column + width + reserved <= context.width else { break }
      if binding.refusal == nil {
        canvas.draw(key, row: row, column: column, style: .key)
        canvas.draw(binding.footer, row: row, column: column + key.width + 1, style: .muted)
      } else {
        canvas.draw(refused, row: row, column: column, style: .disabled)
      }
      canvas.clickKey(binding, row: row, columns: column..<(column + width))
      column += width + 2
    }
    for binding in help {
      let key = Self.firstKey(binding)
      canvas.draw(key, row: row, column: column, style: .key)
      canvas.draw(binding.footer, row: row, column: column + key.width + 1, style: .muted)
      canvas.clickKey(binding, row: row, columns: column..<(column + key.width + 1 + binding.footer.width))
    }
  }

  private static func firstKey(_ binding: Binding) -> SafeText {
    SafeText(binding.shown.string.split(separator: " ").first.map(String.init) ?? binding.shown.string)
  }

  private func drawHelp(_ canvas: inout Canvas, _ rows: Range<Int>) {
    let lines = helpLines
    let first = max(0, min(helpTop, lines.count - helpHeight))
    let isLonger = lines.count > helpHeight
    let search = "\(key: .filter, "/") search" as SafeText
    let words: SafeText = isLonger ? "Keys here: ↓ ↑ more, \(search)" : "Keys here: \(search), others close"
    if helpFilter == nil { canvas.draw(words, row: rows.lowerBound, column: 0, style: .bold) }
    if lines.isEmpty { canvas.draw("No key does this.", row: rows.lowerBound + 1, column: 2, style: .muted) }
    for (offset, line) in lines.dropFirst(first).prefix(helpHeight).enumerated() {
      let row = rows.lowerBound + 1 + offset
      canvas.draw(line.key, row: row, column: 0, style: line.isRefused ? .disabled : .key)
      canvas.draw(line.text, row: row, column: isHelpNarrow ? 2 : helpKeyWidth + 2)
    }
    if isLonger {
      if first > 0 { canvas.draw("↑", row: rows.lowerBound + 1, endingAt: context.width, style: .muted) }
      if first + helpHeight < lines.count {
        canvas.draw("↓", row: rows.lowerBound + helpHeight, endingAt: context.width, style: .muted)
      }
    }
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard let helpFilter else { return }
    canvas.draw("/", row: rows.lowerBound, column: 0, style: .key)
    helpFilter.view(
      into: &canvas, row: rows.lowerBound, column: 2, width: min(64, context.width - 3), isActive: true)
  }

  /// The number of visible lines of help.
  var helpHeight: Int { max(1, context.height - 5) }

  /// `true` when the texts stand below their keys.
  private var isHelpNarrow: Bool { context.width < helpKeyWidth + 24 }

  private var helpKeyWidth: Int { bindings.map(\.shown.width).max() ?? 0 }

  /// The lines of the help, none of them cut. The last column is free for the arrows.
  var helpLines: [(key: SafeText, text: SafeText, isRefused: Bool)] {
    let words = helpFilter?.text.folded.split(separator: " ") ?? []
    let found = (bindings + [Binding.mouse]).filter { binding in
      let text = "\(binding.shown) \(binding.help)".folded
      return words.allSatisfy { text.contains($0) }
    }
    return found.flatMap { binding -> [(key: SafeText, text: SafeText, isRefused: Bool)] in
      let column = isHelpNarrow ? 2 : helpKeyWidth + 2
      let help = binding.refusal.map { "\(binding.help). Not now: \($0)" } ?? binding.help
      let lines = help.wrapped(to: context.width - column - 2)
      let isRefused = binding.refusal != nil
      if isHelpNarrow {
        return [(binding.shown, "", isRefused)] + lines.map { ("", $0, isRefused) }
      }
      return lines.enumerated().map { ($0.offset == 0 ? binding.shown : "", $0.element, isRefused) }
    }
  }

  private func drawQuestion(_ question: Question, _ canvas: inout Canvas) {
    let inner = min(context.width - 4, max(28, question.text.width))
    let lines = question.text.wrapped(to: inner)
    let height = lines.count + 4
    guard height <= context.height else { return drawLongQuestion(question, &canvas) }
    let top = (context.height - height) / 2
    let left = max(0, (context.width - inner - 4) / 2)
    // Whole rows, so that no half of an amount stands beside the frame.
    canvas.clear(rows: top..<(top + height), columns: 0..<context.width)
    let edge = SafeText(String(repeating: "─", count: inner + 2))
    canvas.draw("┌\(edge)┐", row: top, column: left)
    for row in (top + 1)..<(top + height - 1) {
      canvas.draw("│", row: row, column: left)
      canvas.draw("│", row: row, column: left + inner + 3)
    }
    canvas.draw("└\(edge)┘", row: top + height - 1, column: left)
    for (index, line) in lines.enumerated() {
      canvas.draw(line, row: top + 1 + index, column: left + 2, width: inner, style: .bold)
    }
    drawAnswers(row: top + height - 2, columns: (left + 2)..<(left + 2 + inner), &canvas)
  }

  /// Draws a question that is too long for a frame: it has the whole window.
  private func drawLongQuestion(_ question: Question, _ canvas: inout Canvas) {
    canvas.clear(rows: 0..<context.height, columns: 0..<context.width)
    let lines = question.text.wrapped(to: context.width)
    for (row, line) in lines.prefix(context.height - 1).enumerated() {
      canvas.draw(line, row: row, column: 0, style: .bold)
    }
    drawAnswers(row: min(lines.count, context.height - 1), columns: 0..<context.width, &canvas)
  }

  private func drawAnswers(row: Int, columns: Range<Int>, _ canvas: inout Canvas) {
    let long: SafeText = "yes   any other key: no"
    canvas.removeTargets()
    canvas.click(
      rows: row..<(row + 1), columns: columns.lowerBound..<(columns.lowerBound + 5), .key(.character("y")))
    canvas.draw("y", row: row, column: columns.lowerBound, style: .key)
    canvas.draw(
      long.width + 2 <= columns.count ? long : "yes, else no", row: row, column: columns.lowerBound + 2,
      style: .muted)
    canvas.placeCursor(row: row, column: columns.lowerBound)
  }
}

extension Canvas {
  fileprivate mutating func clickKey(_ binding: Binding, row: Int, columns: Range<Int>) {
    if let key = binding.keys.first { click(rows: row..<(row + 1), columns: columns, .key(key)) }
  }
}
